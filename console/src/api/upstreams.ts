/** Vendors as data, the upstreams of this house, and their credentials. */
import { queryOptions } from "@tanstack/react-query";
import { useChange } from "./change";
import { type Api, dataOf, itemsOf } from "./client";
import { useApi } from "./context";
import type { Schemas } from "./types";

export type Provider = Schemas["Provider"];
export type Upstream = Schemas["UpstreamList"]["items"][number];
export type Credential = Schemas["Credential"];
export type CredentialState = Credential["state"];
export type PutUpstream = Schemas["UpstreamBody"] & { readonly name: string };
export type AddCredential = Schemas["CredentialBody"] & { readonly upstream: string };

export const providersQuery = (api: Api) =>
  queryOptions({
    queryKey: ["providers"],
    queryFn: ({ signal }) => itemsOf(api.GET("/api/v1/providers", { signal })),
    staleTime: Number.POSITIVE_INFINITY,
  });

export const upstreamsQuery = (api: Api) =>
  queryOptions({
    queryKey: ["upstreams"],
    queryFn: ({ signal }) => itemsOf(api.GET("/api/v1/upstreams", { signal })),
    refetchInterval: 3000,
  });

export function putUpstream(api: Api, { name, ...body }: PutUpstream): Promise<Upstream> {
  return dataOf(api.PUT("/api/v1/upstreams/{name}", { params: { path: { name } }, body }));
}

export function useDeleteUpstream() {
  const api = useApi();
  return useChange(["upstreams"], (name: string) =>
    dataOf(api.DELETE("/api/v1/upstreams/{name}", { params: { path: { name } } })),
  );
}

export function addCredential(api: Api, { upstream: name, ...body }: AddCredential): Promise<Credential> {
  return dataOf(api.POST("/api/v1/upstreams/{name}/credentials", { params: { path: { name } }, body }));
}

export function useAddCredential() {
  const api = useApi();
  return useChange(["upstreams"], (credential: AddCredential) => addCredential(api, credential));
}

export function useDeleteCredential() {
  const api = useApi();
  return useChange(["upstreams"], (credential: string) =>
    dataOf(api.DELETE("/api/v1/credentials/{credential}", { params: { path: { credential } } })),
  );
}

export function useReviveCredential() {
  const api = useApi();
  return useChange(["upstreams"], (credential: string) =>
    dataOf(api.POST("/api/v1/credentials/{credential}/revive", { params: { path: { credential } } })),
  );
}
