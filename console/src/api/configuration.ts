/** The house as one document, in revisions. */
import { queryOptions, useMutation } from "@tanstack/react-query";
import { useChange } from "./change";
import { type Api, dataOf } from "./client";
import { useApi } from "./context";
import { paged } from "./paged";
import type { Schemas } from "./types";

/** `before` and `after` are JSON; empty where there is none. */
export type Change = Schemas["Change"];
export type Different = Schemas["Different"];
export type Plan = Schemas["Plan"];
export type Revision = Schemas["Revision"];

const EVERYTHING = ["configuration", "limits", "policies", "roles", "projects", "tenants", "principals", "prices"];

export const revisionsQuery = (api: Api) =>
  paged(["configuration", "revisions"], 0, (after, signal) =>
    dataOf(api.GET("/api/v1/configuration/revisions", { params: { query: { after } }, signal })),
  );

/** The document of a revision; null means as it is now. */
export function documentOf(api: Api, revision: number | null, signal?: AbortSignal): Promise<string> {
  const init = { params: { query: { revision } }, parseAs: "text", ...(signal && { signal }) } as const;
  return dataOf(api.GET("/api/v1/configuration", init));
}

/** The same as a file. */
export const documentFile = async (api: Api): Promise<Blob> => new Blob([await documentOf(api, null)]);

export const documentQuery = (api: Api, revision: number | null) =>
  queryOptions({
    queryKey: ["configuration", "document", revision],
    queryFn: ({ signal }) => documentOf(api, revision, signal),
  });

export function useMakePlan() {
  const api = useApi();
  return useMutation({
    mutationFn: (body: Schemas["MakePlan"]) => dataOf(api.POST("/api/v1/configuration/plan", { body })),
  });
}

export function useApply() {
  const api = useApi();
  return useChange(EVERYTHING, (body: Schemas["Apply"]) => dataOf(api.POST("/api/v1/configuration/apply", { body })));
}

/** What a rollback would change; its base is to be named when it is made. */
export const rollbackPlanQuery = (api: Api, revision: number) =>
  queryOptions({
    queryKey: ["configuration", "rollback", revision],
    queryFn: ({ signal }) => dataOf(api.POST("/api/v1/configuration/rollback/plan", { body: { revision }, signal })),
    staleTime: 0,
    gcTime: 0,
  });

export function useRollback() {
  const api = useApi();
  return useChange([...EVERYTHING, "keys"], (body: Schemas["Rollback"]) =>
    dataOf(api.POST("/api/v1/configuration/rollback", { body })),
  );
}
