/** How often and how stubbornly the console asks. */
import { QueryClient } from "@tanstack/react-query";
import { ApiError } from "~/lib/error";

const TRIES = 2;

export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: { staleTime: 5_000, retry: (failures, error) => failures < TRIES && mayPass(error) },
      mutations: { networkMode: "always" },
    },
  });
}

/** A refusal stays one however often it is asked; a busy or restarting house may answer the next time. */
function mayPass(error: Error): boolean {
  return !(error instanceof ApiError) || error.status >= 500;
}
