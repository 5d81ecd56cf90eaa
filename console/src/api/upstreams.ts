/** Vendors as data, the upstreams of this house, and their credentials. */
import { queryOptions } from "@tanstack/react-query";
import { useChange } from "./change";
import type { Api } from "./client";
import { useApi } from "./context";
import { ask, segments } from "./rest";

export type CredentialState = "active" | "cooling" | "retired";

export interface Provider {
  readonly name: string;
  readonly title: string;
  readonly base_url: string;
  readonly dialect: string;
  readonly auth: string;
  readonly capabilities: readonly string[];
  readonly paths: Readonly<Record<string, string>>;
  readonly headers: readonly (readonly [string, string])[];
  readonly variables: readonly string[];
  readonly environment: string;
  readonly probe: string;
  readonly max_tokens_field: string;
  readonly named_tools: boolean;
}

export interface UpstreamSpec {
  readonly name: string;
  readonly provider: string;
  readonly base_url?: string | null;
  readonly variables?: Readonly<Record<string, string>>;
  readonly dialect?: string | null;
  readonly auth?: string | null;
  readonly capabilities?: readonly string[] | null;
  readonly paths?: Readonly<Record<string, string>> | null;
  readonly headers?: readonly (readonly [string, string])[];
}

export interface AddCredential {
  readonly upstream: string;
  readonly name: string;
  readonly secret?: string;
  readonly reference?: string;
}

export interface Credential {
  readonly id: string;
  readonly upstream: string;
  readonly name: string;
  readonly state: CredentialState;
  readonly hint: string;
  readonly reference: string;
  readonly why: string;
  readonly created_at: number;
  readonly changed_at: number;
}

export interface Upstream {
  readonly spec: UpstreamSpec;
  readonly provider: Provider;
  readonly credentials: readonly Credential[];
}

export const providersQuery = (api: Api) =>
  queryOptions({
    queryKey: ["providers"],
    queryFn: async ({ signal }) =>
      (await ask<{ items: Provider[] }>(api, "GET", "/api/v1/providers", { signal })).items,
    staleTime: Number.POSITIVE_INFINITY,
  });

export const upstreamsQuery = (api: Api) =>
  queryOptions({
    queryKey: ["upstreams"],
    queryFn: async ({ signal }) =>
      (await ask<{ items: Upstream[] }>(api, "GET", "/api/v1/upstreams", { signal })).items,
    refetchInterval: 3000,
  });

export function useDeleteUpstream() {
  const api = useApi();
  return useChange(["upstreams"], (name: string) => ask(api, "DELETE", `/api/v1/upstreams/${segments(name)}`));
}

export function useAddCredential() {
  const api = useApi();
  return useChange(["upstreams"], ({ upstream, ...body }: AddCredential) =>
    ask<Credential>(api, "POST", `/api/v1/upstreams/${segments(upstream)}/credentials`, { body }),
  );
}

export function useDeleteCredential() {
  const api = useApi();
  return useChange(["upstreams"], (id: string) => ask(api, "DELETE", `/api/v1/credentials/${segments(id)}`));
}

export function useReviveCredential() {
  const api = useApi();
  return useChange(["upstreams"], (id: string) =>
    ask<Credential>(api, "POST", `/api/v1/credentials/${segments(id)}/revive`),
  );
}
