/** Which names one may send as `model`. */
import { queryOptions } from "@tanstack/react-query";
import type { Api } from "./client";
import { type Answering, listAnswering } from "./inference";

export type Endpoint = "chat" | "embeddings";

/** The names that answer at an endpoint. */
export const modelNamesQuery = (api: Api, endpoint: Endpoint) =>
  queryOptions({
    queryKey: ["model-names"],
    queryFn: ({ signal }) => listAnswering(api, signal),
    select: (models: readonly Answering[]) =>
      models.filter((model) => model.endpoints.includes(endpoint)).map((model) => model.id),
    refetchInterval: 3000,
  });
