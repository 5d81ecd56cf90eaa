/** The keys of the house. */
import { useChange } from "./change";
import { type Api, dataOf } from "./client";
import { useApi } from "./context";
import { paged } from "./paged";
import type { QueryOf } from "./types";

export { meQuery } from "./me";

export const keysQuery = (api: Api, revoked: boolean, filters: QueryOf<"/api/v1/keys"> = {}) =>
  paged(["keys", { revoked, filters }], "", (after, signal) =>
    dataOf(api.GET("/api/v1/keys", { params: { query: { ...filters, after, revoked } }, signal })),
  );

export function useEnableKey() {
  const api = useApi();
  return useChange(["keys"], (key_id: string) =>
    dataOf(api.POST("/api/v1/keys/{key_id}/enable", { params: { path: { key_id } } })),
  );
}

export function useRevokeKey() {
  const api = useApi();
  return useChange(["keys"], (key_id: string) =>
    dataOf(api.DELETE("/api/v1/keys/{key_id}", { params: { path: { key_id } } })),
  );
}
