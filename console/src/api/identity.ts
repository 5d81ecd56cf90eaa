/** The keys of the house. */
import { infiniteQueryOptions } from "@tanstack/react-query";
import { useChange } from "./change";
import { type Api, dataOf } from "./client";
import { useApi } from "./context";
import { nextAfter } from "./paging";
import { ask, type Query } from "./rest";
import type { CreatedKey, CreateKey, Key, KeyPage } from "./types";

export { meQuery } from "./me";

export const keysQuery = (api: Api, revoked: boolean, filters: Query = {}) =>
  infiniteQueryOptions({
    queryKey: ["keys", { revoked, filters }],
    queryFn: ({ pageParam, signal }) =>
      ask<KeyPage>(api, "GET", "/api/v1/keys", { query: { after: pageParam, revoked, ...filters }, signal }),
    initialPageParam: "",
    getNextPageParam: nextAfter<string>,
  });

export function useCreateKey() {
  const api = useApi();
  return useChange(["keys"], (body: CreateKey) => ask<CreatedKey>(api, "POST", "/api/v1/keys", { body }));
}

export function useEnableKey() {
  const { admin } = useApi();
  return useChange(["keys"], (id: string) =>
    dataOf<Key>(admin.POST("/api/v1/keys/{key_id}/enable", { params: { path: { key_id: id } } })),
  );
}

export function useRevokeKey() {
  const { admin } = useApi();
  return useChange(["keys"], (id: string) =>
    dataOf<Key>(admin.DELETE("/api/v1/keys/{key_id}", { params: { path: { key_id: id } } })),
  );
}
