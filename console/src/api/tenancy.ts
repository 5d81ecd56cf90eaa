/** Tenants, their projects, and who acts in them. */
import { queryOptions } from "@tanstack/react-query";
import { useChange } from "./change";
import type { Api } from "./client";
import { useApi } from "./context";
import type { SignInSession } from "./me";
import { paged } from "./paged";
import { ask, segments } from "./rest";

export type Attribute = string | number | boolean;
export type Attributes = Readonly<Record<string, Attribute>>;
export type PrincipalKind = "user" | "service";

export interface Tenant {
  readonly name: string;
  readonly title: string;
  /** Why nobody of it may do anything; empty: they may. */
  readonly suspended: string;
  readonly created_at: number;
}

export interface Project {
  readonly tenant: string;
  readonly name: string;
  readonly title: string;
  readonly created_at: number;
}

/** A role held at a tenant, or at one of its projects only. */
export interface RoleBinding {
  readonly role: string;
  readonly project: string;
}

export interface PutPrincipal {
  readonly tenant: string;
  readonly name: string;
  readonly kind: PrincipalKind;
  readonly title: string;
  readonly email: string;
  readonly roles: readonly RoleBinding[];
  readonly attributes: Attributes;
  readonly suspended: string;
  /** Null leaves the one there is. */
  readonly password: string | null;
}

export interface Principal extends Omit<PutPrincipal, "password"> {
  readonly created_at: number;
  readonly has_password: boolean;
  readonly has_second_factor: boolean;
  readonly subject: string;
  readonly seen_at: number | null;
}

export const tenantsQuery = (api: Api) =>
  queryOptions({
    queryKey: ["tenants"],
    queryFn: async ({ signal }) => (await ask<{ items: Tenant[] }>(api, "GET", "/api/v1/tenants", { signal })).items,
  });

export const projectsQuery = (api: Api, tenant = "") =>
  queryOptions({
    queryKey: ["projects", tenant],
    queryFn: async ({ signal }) =>
      (await ask<{ items: Project[] }>(api, "GET", "/api/v1/projects", { query: { tenant }, signal })).items,
  });

export const principalsQuery = (api: Api, tenant = "") =>
  paged<Principal, string>(api, ["principals", tenant], "/api/v1/principals", { tenant }, "");

export const principalQuery = (api: Api, tenant: string, name: string) =>
  queryOptions({
    queryKey: ["principals", tenant, name],
    queryFn: ({ signal }) => ask<Principal>(api, "GET", pathOf(tenant, name), { signal }),
  });

export const sessionsQuery = (api: Api, { tenant, name }: Pick<Principal, "tenant" | "name">) =>
  queryOptions({
    queryKey: ["principals", tenant, name, "sessions"],
    queryFn: async ({ signal }) =>
      (await ask<{ items: SignInSession[] }>(api, "GET", `${pathOf(tenant, name)}/sessions`, { signal })).items,
  });

const pathOf = (tenant: string, name: string) => `/api/v1/principals/${segments(tenant, name)}`;

export function usePutTenant() {
  const api = useApi();
  return useChange(["tenants", "projects"], ({ name, ...body }: Omit<Tenant, "created_at">) =>
    ask<Tenant>(api, "PUT", `/api/v1/tenants/${segments(name)}`, { body }),
  );
}

export function usePutProject() {
  const api = useApi();
  return useChange(["projects"], ({ tenant, name, ...body }: Omit<Project, "created_at">) =>
    ask<Project>(api, "PUT", `/api/v1/projects/${segments(tenant, name)}`, { body }),
  );
}

export function useDeleteProject() {
  const api = useApi();
  return useChange(["projects"], ({ tenant, name }: Pick<Project, "tenant" | "name">) =>
    ask(api, "DELETE", `/api/v1/projects/${segments(tenant, name)}`),
  );
}

export function usePutPrincipal() {
  const api = useApi();
  return useChange(["principals"], ({ tenant, name, ...body }: PutPrincipal) =>
    ask<Principal>(api, "PUT", pathOf(tenant, name), { body }),
  );
}

export function useDeletePrincipal() {
  const api = useApi();
  return useChange(["principals", "keys"], ({ tenant, name }: Pick<Principal, "tenant" | "name">) =>
    ask(api, "DELETE", pathOf(tenant, name)),
  );
}

export function useRemoveSecondFactorOf() {
  const api = useApi();
  return useChange(["principals"], ({ tenant, name }: Pick<Principal, "tenant" | "name">) =>
    ask(api, "DELETE", `${pathOf(tenant, name)}/second-factor`),
  );
}

export function useEndSession() {
  const api = useApi();
  return useChange(["principals"], (id: string) => ask(api, "DELETE", `/api/v1/sessions/${segments(id)}`));
}
