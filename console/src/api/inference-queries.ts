/** Which names one may send as `model`, and the routes behind those that are no deployments. */
import { queryOptions } from "@tanstack/react-query";
import { type Api, dataOf } from "./client";
import { listModelNames } from "./inference";

export const modelNamesQuery = (api: Api) =>
  queryOptions({
    queryKey: ["model-names"],
    queryFn: ({ signal }) => listModelNames(api, signal),
    refetchInterval: 3000,
  });

export const routesQuery = (api: Api) =>
  queryOptions({
    queryKey: ["routes"],
    queryFn: async ({ signal }) => (await dataOf(api.admin.GET("/api/v1/routes", { signal }))).items,
  });
