/** Models, their versions, aliases and signatures. */
import { infiniteQueryOptions, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { type Api, dataOf } from "./client";
import { useApi } from "./context";
import { nextAfter } from "./paging";
import type { components } from "./schema";

export const modelsQuery = (api: Api) =>
  infiniteQueryOptions({
    queryKey: ["models"],
    queryFn: ({ pageParam, signal }) =>
      dataOf(api.admin.GET("/api/v1/models", { params: { query: { after: pageParam } }, signal })),
    initialPageParam: "",
    getNextPageParam: nextAfter,
  });

export const modelQuery = (api: Api, name: string) =>
  queryOptions({
    queryKey: ["models", name],
    queryFn: ({ signal }) => dataOf(api.admin.GET("/api/v1/models/{name}", { params: { path: { name } }, signal })),
  });

export const versionsQuery = (api: Api, name: string) =>
  infiniteQueryOptions({
    queryKey: ["models", name, "versions"],
    queryFn: ({ pageParam, signal }) =>
      dataOf(
        api.admin.GET("/api/v1/models/{name}/versions", {
          params: { path: { name }, query: pageParam === null ? {} : { after: pageParam } },
          signal,
        }),
      ),
    initialPageParam: null as number | null,
    getNextPageParam: nextAfter,
  });

export function useImportModel() {
  const { admin } = useApi();
  return useMutation({
    mutationFn: (body: components["schemas"]["ImportModel"]) => dataOf(admin.POST("/api/v1/models/import", { body })),
  });
}

export function useVerify(name: string) {
  const { admin } = useApi();
  return useMutation({
    mutationFn: (number: number) =>
      dataOf(
        admin.POST("/api/v1/models/{name}/versions/{reference}/verify", {
          params: { path: { name, reference: String(number) } },
        }),
      ),
  });
}

export function useSetAlias(name: string) {
  const { admin } = useApi();
  return useModelChange(({ alias, version }: { alias: string; version: number }) =>
    dataOf(
      admin.PUT("/api/v1/models/{name}/aliases/{alias}", { params: { path: { name, alias } }, body: { version } }),
    ),
  );
}

export function useRemoveAlias(name: string) {
  const { admin } = useApi();
  return useModelChange((alias: string) =>
    dataOf(admin.DELETE("/api/v1/models/{name}/aliases/{alias}", { params: { path: { name, alias } } })),
  );
}

export function useDeleteVersion(name: string) {
  const { admin } = useApi();
  return useModelChange((number: number) =>
    dataOf(
      admin.DELETE("/api/v1/models/{name}/versions/{reference}", {
        params: { path: { name, reference: String(number) } },
      }),
    ),
  );
}

function useModelChange<V, R>(mutationFn: (variables: V) => Promise<R>) {
  const queries = useQueryClient();
  return useMutation({ mutationFn, onSuccess: () => queries.invalidateQueries({ queryKey: ["models"] }) });
}
