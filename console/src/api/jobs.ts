/** Durable work and how far it has come. */
import { infiniteQueryOptions, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { type Api, dataOf } from "./client";
import { useApi } from "./context";
import { nextAfter } from "./paging";
import type { JobState } from "./types";

export const jobsQuery = (api: Api, state: JobState | null) =>
  infiniteQueryOptions({
    queryKey: ["jobs", { state }],
    queryFn: ({ pageParam, signal }) =>
      dataOf(api.GET("/api/v1/jobs", { params: { query: { after: pageParam, ...(state && { state }) } }, signal })),
    initialPageParam: "",
    getNextPageParam: nextAfter,
    refetchInterval: 2000,
  });

/** Follow one job until it is over. */
export const jobQuery = (api: Api, id: string) =>
  queryOptions({
    queryKey: ["jobs", id],
    queryFn: ({ signal }) => dataOf(api.GET("/api/v1/jobs/{job_id}", { params: { path: { job_id: id } }, signal })),
    refetchInterval: ({ state }) => (state.data && isOver(state.data.state) ? false : 1000),
  });

export function isOver(state: JobState): boolean {
  return state === "succeeded" || state === "failed" || state === "cancelled";
}

export function useCancelJob() {
  const api = useApi();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => dataOf(api.POST("/api/v1/jobs/{job_id}/cancel", { params: { path: { job_id: id } } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["jobs"] }),
  });
}
