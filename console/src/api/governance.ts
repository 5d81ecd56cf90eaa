/** Roles, policies and the audit trail. */
import { queryOptions, useMutation } from "@tanstack/react-query";
import { useChange } from "./change";
import type { Api } from "./client";
import { useApi } from "./context";
import { paged } from "./paged";
import { ask, type Query, segments } from "./rest";
import type { Attributes } from "./tenancy";

export interface Role {
  readonly name: string;
  readonly title: string;
  readonly permissions: readonly string[];
  /** Reaches over all tenants. */
  readonly house: boolean;
  readonly built_in: boolean;
}

export interface Policy {
  readonly name: string;
  readonly text: string;
  readonly description: string;
  readonly enabled: boolean;
}

export interface Subject {
  readonly tenant: string;
  readonly principal: string;
  readonly project?: string;
  readonly kind?: string;
  readonly key?: string;
  readonly roles?: readonly string[];
  readonly attributes?: Attributes;
}

export interface Resource {
  readonly kind: string;
  readonly name?: string;
  readonly tenant?: string;
  readonly attributes?: Attributes;
}

export interface Decide {
  readonly subject: Subject;
  readonly action: string;
  readonly resource: Resource;
  readonly context?: Attributes;
}

export interface Decision {
  readonly allowed: boolean;
  readonly policies: readonly string[];
  readonly why: string;
  /** What was allowed reaches over all tenants. */
  readonly house: boolean;
}

export interface PolicyCase {
  readonly name: string;
  readonly ask: Decide;
  readonly expect: "allow" | "deny";
}

export interface TryPolicies {
  readonly cases: readonly PolicyCase[];
  readonly policies?: readonly Policy[] | null;
  readonly roles?: readonly Role[] | null;
}

export interface PolicyResult {
  readonly name: string;
  readonly passed: boolean;
  readonly decision: Decision;
}

export type Outcome = "done" | "denied" | "failed";

export interface AuditEntry {
  readonly id: string;
  readonly at: number;
  readonly tenant: string;
  readonly principal: string;
  readonly action: string;
  readonly resource: string;
  readonly outcome: Outcome;
  readonly code: string;
  readonly key: string;
  readonly request_id: string;
  readonly reason: string;
  readonly detail: string;
}

export interface AuditRecord {
  readonly sequence: number;
  readonly entry: AuditEntry;
  readonly previous: string;
  readonly hash: string;
}

export interface AuditVerdict {
  readonly intact: boolean;
  readonly records: number;
  readonly head: string;
  readonly broken_at: number | null;
  readonly why: string;
  /** The sequence to go on after; null at the end. */
  readonly next: number | null;
  /** Up to which the seal beside the database vouches; null where there is none. */
  readonly sealed: number | null;
}

export const rolesQuery = (api: Api) =>
  queryOptions({
    queryKey: ["roles"],
    queryFn: async ({ signal }) => (await ask<{ items: Role[] }>(api, "GET", "/api/v1/roles", { signal })).items,
  });

export const policiesQuery = (api: Api) =>
  queryOptions({
    queryKey: ["policies"],
    queryFn: async ({ signal }) => (await ask<{ items: Policy[] }>(api, "GET", "/api/v1/policies", { signal })).items,
  });

export const auditQuery = (api: Api, filters: Query) =>
  paged<AuditRecord, number>(api, ["audit", filters], "/api/v1/audit", filters, 0);

export function usePutRole() {
  const api = useApi();
  return useChange(["roles"], ({ name, title, permissions, house }: Role) =>
    ask<Role>(api, "PUT", `/api/v1/roles/${segments(name)}`, { body: { title, permissions, house } }),
  );
}

export function useDeleteRole() {
  const api = useApi();
  return useChange(["roles"], (name: string) => ask(api, "DELETE", `/api/v1/roles/${segments(name)}`));
}

export function usePutPolicy() {
  const api = useApi();
  return useChange(["policies"], ({ name, ...body }: Policy) =>
    ask<Policy>(api, "PUT", `/api/v1/policies/${segments(name)}`, { body }),
  );
}

export function useDeletePolicy() {
  const api = useApi();
  return useChange(["policies"], (name: string) => ask(api, "DELETE", `/api/v1/policies/${segments(name)}`));
}

/** Decide without doing: nothing changes, whatever comes out. */
export function useTryPolicies() {
  const api = useApi();
  return useMutation({
    mutationFn: (body: TryPolicies) => ask<{ items: PolicyResult[] }>(api, "POST", "/api/v1/policies/try", { body }),
  });
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
    const verdict = await ask<AuditVerdict>(api, "GET", "/api/v1/audit/verify", { query });
    walked += verdict.records;
    if (!verdict.intact || verdict.next === null || verdict.next === undefined) return { ...verdict, records: walked };
    [after, head] = [verdict.next, verdict.head];
  }
}
