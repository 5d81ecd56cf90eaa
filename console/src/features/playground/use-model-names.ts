/** The names that answer for a task, as the gate lists them. */
import { useQuery } from "@tanstack/react-query";
import { useSearchParams } from "wouter";
import { useApi } from "~/api/context";
import { deploymentsQuery } from "~/api/deployments";
import { modelNamesQuery, routesQuery } from "~/api/inference-queries";
import type { Task } from "~/api/types";

interface ModelNames {
  readonly names: readonly string[];
  readonly loading: boolean;
  readonly error: Error | null;
  readonly chosen: string;
  readonly choose: (name: string) => void;
}

/** Return the models for *task* and the one chosen, which the address keeps so that it can be linked to. */
export function useModelNames(task: Task): ModelNames {
  const api = useApi();
  const listed = useQuery(modelNamesQuery(api));
  const deployments = useQuery(deploymentsQuery(api));
  const routes = useQuery(routesQuery(api));
  const [search, setSearch] = useSearchParams();
  const tasks = new Map(deployments.data?.map((deployment) => [deployment.spec.name, deployment.task]));
  const taskOf = (name: string) =>
    tasks.get(name) ?? tasks.get(routes.data?.find((route) => route.model === name)?.shares[0]?.deployment ?? "");
  const names = (listed.data ?? []).filter((name) => (taskOf(name) ?? task) === task);
  const wanted = search.get("model") ?? "";
  return {
    names,
    loading: listed.isPending || deployments.isPending,
    error: listed.error,
    chosen: names.includes(wanted) ? wanted : (names[0] ?? ""),
    choose: (name) => setSearch({ model: name }, { replace: true }),
  };
}
