/** Who holds the key, and the keys of the house. */
import { infiniteQueryOptions, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { type Api, dataOf } from "./client";
import { useApi } from "./context";
import { nextAfter } from "./paging";
import type { CreateKey } from "./types";

export const meQuery = (api: Api) =>
  queryOptions({
    queryKey: ["me"],
    queryFn: ({ signal }) => dataOf(api.admin.GET("/api/v1/me", { signal })),
    staleTime: Number.POSITIVE_INFINITY,
  });

export const keysQuery = (api: Api, revoked: boolean) =>
  infiniteQueryOptions({
    queryKey: ["keys", { revoked }],
    queryFn: ({ pageParam, signal }) =>
      dataOf(api.admin.GET("/api/v1/keys", { params: { query: { after: pageParam, revoked } }, signal })),
    initialPageParam: "",
    getNextPageParam: nextAfter,
  });

export function useCreateKey() {
  const { admin } = useApi();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: CreateKey) => dataOf(admin.POST("/api/v1/keys", { body })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["keys"] }),
  });
}

export function useRevokeKey() {
  const { admin } = useApi();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => dataOf(admin.DELETE("/api/v1/keys/{key_id}", { params: { path: { key_id: id } } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["keys"] }),
  });
}
