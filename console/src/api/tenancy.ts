/** Tenants, their projects, and who acts in them. */
import { queryOptions } from "@tanstack/react-query";
import { useChange } from "./change";
import { type Api, dataOf, itemsOf } from "./client";
import { useApi } from "./context";
import { paged } from "./paged";
import type { Schemas } from "./types";

/** `suspended` says why nobody of it may do anything; empty: they may. */
export type Tenant = Schemas["Tenant"];
export type Project = Schemas["Project"];
export type Principal = Schemas["Principal"];
export type PrincipalKind = Principal["kind"];
export type Attributes = Principal["attributes"];
/** A role held at a tenant, or at one of its projects only. */
export type RoleBinding = Schemas["RoleBinding-Output"];
/** Without a password, the one there is stays. */
export type PutPrincipal = Required<Schemas["PrincipalBody"]> & Pick<Principal, "tenant" | "name">;

export const tenantsQuery = (api: Api) =>
  queryOptions({ queryKey: ["tenants"], queryFn: ({ signal }) => itemsOf(api.GET("/api/v1/tenants", { signal })) });

export const projectsQuery = (api: Api, tenant = "") =>
  queryOptions({
    queryKey: ["projects", tenant],
    queryFn: ({ signal }) => itemsOf(api.GET("/api/v1/projects", { params: { query: { tenant } }, signal })),
  });

export const principalsQuery = (api: Api, tenant = "") =>
  paged(["principals", tenant], "", (after, signal) =>
    dataOf(api.GET("/api/v1/principals", { params: { query: { tenant, after } }, signal })),
  );

export const principalQuery = (api: Api, tenant: string, name: string) =>
  queryOptions({
    queryKey: ["principals", tenant, name],
    queryFn: ({ signal }) =>
      dataOf(api.GET("/api/v1/principals/{tenant}/{name}", { params: { path: { tenant, name } }, signal })),
  });

export const sessionsQuery = (api: Api, { tenant, name }: Pick<Principal, "tenant" | "name">) =>
  queryOptions({
    queryKey: ["principals", tenant, name, "sessions"],
    queryFn: ({ signal }) =>
      itemsOf(api.GET("/api/v1/principals/{tenant}/{name}/sessions", { params: { path: { tenant, name } }, signal })),
  });

export function usePutTenant() {
  const api = useApi();
  return useChange(["tenants", "projects"], ({ name, ...body }: Omit<Tenant, "created_at">) =>
    dataOf(api.PUT("/api/v1/tenants/{name}", { params: { path: { name } }, body })),
  );
}

export function usePutProject() {
  const api = useApi();
  return useChange(["projects"], ({ tenant, name, ...body }: Omit<Project, "created_at">) =>
    dataOf(api.PUT("/api/v1/projects/{tenant}/{name}", { params: { path: { tenant, name } }, body })),
  );
}

export function useDeleteProject() {
  const api = useApi();
  return useChange(["projects"], ({ tenant, name }: Pick<Project, "tenant" | "name">) =>
    dataOf(api.DELETE("/api/v1/projects/{tenant}/{name}", { params: { path: { tenant, name } } })),
  );
}

export function usePutPrincipal() {
  const api = useApi();
  return useChange(["principals"], ({ tenant, name, ...body }: PutPrincipal) =>
    dataOf(api.PUT("/api/v1/principals/{tenant}/{name}", { params: { path: { tenant, name } }, body })),
  );
}

export function useDeletePrincipal() {
  const api = useApi();
  return useChange(["principals", "keys"], ({ tenant, name }: Pick<Principal, "tenant" | "name">) =>
    dataOf(api.DELETE("/api/v1/principals/{tenant}/{name}", { params: { path: { tenant, name } } })),
  );
}

export function useRemoveSecondFactorOf() {
  const api = useApi();
  return useChange(["principals"], ({ tenant, name }: Pick<Principal, "tenant" | "name">) =>
    dataOf(api.DELETE("/api/v1/principals/{tenant}/{name}/second-factor", { params: { path: { tenant, name } } })),
  );
}

export function useEndSession() {
  const api = useApi();
  return useChange(["principals"], (session_id: string) =>
    dataOf(api.DELETE("/api/v1/sessions/{session_id}", { params: { path: { session_id } } })),
  );
}
