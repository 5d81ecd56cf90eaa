/** Roles, policies and the audit trail. */
import { queryOptions, useMutation } from "@tanstack/react-query";
import { useChange } from "./change";
import { type Api, dataOf, itemsOf } from "./client";
import { useApi } from "./context";
import { paged } from "./paged";
import type { QueryOf, Schemas } from "./types";

export type Role = Schemas["Role-Output"];
export type Policy = Schemas["Policy-Output"];
export type Decide = Schemas["Decide"];
export type Decision = Schemas["Decision"];
export type TryPolicies = Schemas["TryPolicies"];
export type AuditEntry = Schemas["AuditEntry"];
export type AuditRecord = Schemas["AuditRecord"];
export type AuditVerdict = Schemas["AuditVerdict"];
export type AuditQuery = QueryOf<"/api/v1/audit">;
export type Outcome = AuditEntry["outcome"];

export const rolesQuery = (api: Api) =>
  queryOptions({ queryKey: ["roles"], queryFn: ({ signal }) => itemsOf(api.GET("/api/v1/roles", { signal })) });

export const policiesQuery = (api: Api) =>
  queryOptions({ queryKey: ["policies"], queryFn: ({ signal }) => itemsOf(api.GET("/api/v1/policies", { signal })) });

export const auditQuery = (api: Api, filters: AuditQuery) =>
  paged(["audit", filters], 0, (after, signal) =>
    dataOf(api.GET("/api/v1/audit", { params: { query: { ...filters, after } }, signal })),
  );

/** The records of a span, one JSON object a line. */
export const auditExport = (api: Api, query: QueryOf<"/api/v1/audit/export">): Promise<Blob> =>
  dataOf(api.GET("/api/v1/audit/export", { params: { query }, parseAs: "blob" }));

export function usePutRole() {
  const api = useApi();
  return useChange(["roles"], ({ name, title, permissions, house }: Role) =>
    dataOf(api.PUT("/api/v1/roles/{name}", { params: { path: { name } }, body: { title, permissions, house } })),
  );
}

export function useDeleteRole() {
  const api = useApi();
  return useChange(["roles"], (name: string) =>
    dataOf(api.DELETE("/api/v1/roles/{name}", { params: { path: { name } } })),
  );
}

export function usePutPolicy() {
  const api = useApi();
  return useChange(["policies"], ({ name, ...body }: Policy) =>
    dataOf(api.PUT("/api/v1/policies/{name}", { params: { path: { name } }, body })),
  );
}

export function useDeletePolicy() {
  const api = useApi();
  return useChange(["policies"], (name: string) =>
    dataOf(api.DELETE("/api/v1/policies/{name}", { params: { path: { name } } })),
  );
}

/** Decide without doing: nothing changes, whatever comes out. */
export function useTryPolicies() {
  const api = useApi();
  return useMutation({ mutationFn: (body: TryPolicies) => dataOf(api.POST("/api/v1/policies/try", { body })) });
}

/** So many records are walked by one request: a long trail takes many, none of them long. */
const PART = 20_000;

/** Walk the chain from its start to its end, or to where it breaks. */
export function useVerifyAudit() {
  const api = useApi();
  return useMutation({ mutationFn: () => verify(api) });
}

async function verify(api: Api): Promise<AuditVerdict> {
  let [walked, after, head] = [0, 0, ""];
  for (;;) {
    const query = { after, head, most: PART };
    const verdict = await dataOf(api.GET("/api/v1/audit/verify", { params: { query } }));
    walked += verdict.records;
    if (!verdict.intact || verdict.next === null) return { ...verdict, records: walked };
    [after, head] = [verdict.next, verdict.head];
  }
}
