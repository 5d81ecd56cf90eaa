/** The house as one document, in revisions. */
import { queryOptions, useMutation } from "@tanstack/react-query";
import { useChange } from "./change";
import type { Api } from "./client";
import { useApi } from "./context";
import { paged } from "./paged";
import { ask, pathWith } from "./rest";

export interface Change {
  readonly kind: "create" | "update" | "delete";
  readonly resource: string;
  readonly name: string;
  /** JSON; empty where there is none. */
  readonly before: string;
  readonly after: string;
  readonly fields: readonly string[];
}

export interface Different {
  readonly request_id: string;
  readonly at: number;
  readonly tenant: string;
  readonly project: string;
  readonly principal: string;
  readonly key: string;
  readonly model: string;
  readonly was: string;
  readonly would_be: string;
  readonly why: string;
}

export interface Plan {
  readonly base: number;
  readonly changes: readonly Change[];
  readonly replayed: number;
  readonly different: number;
  readonly examples: readonly Different[];
  readonly warnings: readonly string[];
  /** Keys and credentials that come back, which no document holds. */
  readonly returns: readonly string[];
}

export interface Revision {
  readonly number: number;
  readonly at: number;
  readonly author: string;
  readonly reason: string;
  readonly source: "apply" | "rollback" | "console" | "start";
  /** By way of what it was changed: the console, the command line, the API; empty where nobody knows. */
  readonly via: string;
  readonly changes: readonly Change[];
}

export interface MakePlan {
  readonly text: string;
  readonly prune: boolean;
}

export interface Apply extends MakePlan {
  readonly reason: string;
  readonly base: number | null;
}

const EVERYTHING = ["configuration", "limits", "policies", "roles", "projects", "tenants", "principals", "prices"];

export const revisionsQuery = (api: Api) =>
  paged<Revision, number>(api, ["configuration", "revisions"], "/api/v1/configuration/revisions", {}, 0);

/** The document of a revision; null means as it is now. */
export async function documentOf(api: Api, revision: number | null, signal?: AbortSignal): Promise<string> {
  const path = pathWith("/api/v1/configuration", { revision });
  return (await api.send(path, signal ? { signal } : {})).text();
}

export const documentQuery = (api: Api, revision: number | null) =>
  queryOptions({
    queryKey: ["configuration", "document", revision],
    queryFn: ({ signal }) => documentOf(api, revision, signal),
  });

export function useMakePlan() {
  const api = useApi();
  return useMutation({
    mutationFn: (body: MakePlan) => ask<Plan>(api, "POST", "/api/v1/configuration/plan", { body }),
  });
}

export function useApply() {
  const api = useApi();
  return useChange(EVERYTHING, (body: Apply) =>
    ask<{ revision: Revision }>(api, "POST", "/api/v1/configuration/apply", { body }),
  );
}

/** What a rollback would change; its base is to be named when it is made. */
export const rollbackPlanQuery = (api: Api, revision: number) =>
  queryOptions({
    queryKey: ["configuration", "rollback", revision],
    queryFn: ({ signal }) =>
      ask<Plan>(api, "POST", "/api/v1/configuration/rollback/plan", { body: { revision }, signal }),
    staleTime: 0,
    gcTime: 0,
  });

export function useRollback() {
  const api = useApi();
  return useChange([...EVERYTHING, "keys"], (body: { revision: number; reason: string; base: number }) =>
    ask<{ revision: Revision }>(api, "POST", "/api/v1/configuration/rollback", { body }),
  );
}
