/** Models, their versions, aliases and signatures. */
import { infiniteQueryOptions, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { type Api, dataOf } from "./client";
import { useApi } from "./context";
import { nextAfter } from "./paging";
import type { Schemas } from "./types";

export const modelsQuery = (api: Api) =>
  infiniteQueryOptions({
    queryKey: ["models"],
    queryFn: ({ pageParam, signal }) =>
      dataOf(api.GET("/api/v1/models", { params: { query: { after: pageParam } }, signal })),
    initialPageParam: "",
    getNextPageParam: nextAfter,
  });

export const modelQuery = (api: Api, name: string) =>
  queryOptions({
    queryKey: ["models", name],
    queryFn: ({ signal }) => dataOf(api.GET("/api/v1/models/{name}", { params: { path: { name } }, signal })),
  });

export const versionsQuery = (api: Api, name: string) =>
  infiniteQueryOptions({
    queryKey: ["models", name, "versions"],
    queryFn: ({ pageParam, signal }) =>
      dataOf(
        api.GET("/api/v1/models/{name}/versions", {
          params: { path: { name }, query: pageParam === null ? {} : { after: pageParam } },
          signal,
        }),
      ),
    initialPageParam: null as number | null,
    getNextPageParam: nextAfter,
  });

export function useImportModel() {
  const api = useApi();
  return useMutation({
    mutationFn: (body: Schemas["ImportModel"]) => dataOf(api.POST("/api/v1/models/import", { body })),
  });
}

export function useVerify(name: string) {
  const api = useApi();
  return useMutation({
    mutationFn: (number: number) =>
      dataOf(
        api.POST("/api/v1/models/{name}/versions/{reference}/verify", {
          params: { path: { name, reference: String(number) } },
        }),
      ),
  });
}

export function useSetAlias(name: string) {
  const api = useApi();
  return useModelChange(({ alias, version }: { alias: string; version: number }) =>
    dataOf(api.PUT("/api/v1/models/{name}/aliases/{alias}", { params: { path: { name, alias } }, body: { version } })),
  );
}

export function useRemoveAlias(name: string) {
  const api = useApi();
  return useModelChange((alias: string) =>
    dataOf(api.DELETE("/api/v1/models/{name}/aliases/{alias}", { params: { path: { name, alias } } })),
  );
}

export function useDeleteVersion(name: string) {
  const api = useApi();
  return useModelChange((number: number) =>
    dataOf(
      api.DELETE("/api/v1/models/{name}/versions/{reference}", {
        params: { path: { name, reference: String(number) } },
      }),
    ),
  );
}

function useModelChange<V, R>(mutationFn: (variables: V) => Promise<R>) {
  const queries = useQueryClient();
  return useMutation({ mutationFn, onSuccess: () => queries.invalidateQueries({ queryKey: ["models"] }) });
}
