/** Deployments and their replicas, asked again each second: a state on the screen is never older than that. */
import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { type Api, dataOf } from "./client";
import { useApi } from "./context";
import type { Schemas } from "./types";

export const deploymentsQuery = (api: Api) =>
  queryOptions({
    queryKey: ["deployments"],
    queryFn: async ({ signal }) => (await dataOf(api.GET("/api/v1/deployments", { signal }))).items,
    refetchInterval: 1000,
  });

/** Return one of the deployments that are asked for anyway; undefined while unknown, null when there is none. */
export const deploymentQuery = (api: Api, name: string) => ({
  ...deploymentsQuery(api),
  select: (items: Schemas["Deployment"][]) => items.find((item) => item.spec.name === name) ?? null,
});

export function useDeploy() {
  const api = useApi();
  return useDeploymentChange((body: Schemas["DeploymentSpec"]) => dataOf(api.POST("/api/v1/deployments", { body })));
}

export function useChangeDeployment(name: string) {
  const api = useApi();
  return useDeploymentChange((body: Schemas["DeploymentChange"]) =>
    dataOf(api.PATCH("/api/v1/deployments/{name}", { params: { path: { name } }, body })),
  );
}

export function useRestartDeployment(name: string) {
  const api = useApi();
  return useDeploymentChange(() =>
    dataOf(api.POST("/api/v1/deployments/{name}/restart", { params: { path: { name } } })),
  );
}

export function useRestartReplica(name: string) {
  const api = useApi();
  return useDeploymentChange((replica: string) =>
    dataOf(api.POST("/api/v1/deployments/{name}/replicas/{replica}/restart", { params: { path: { name, replica } } })),
  );
}

/** Delete a deployment; `onDeleted` is called also where its page has found it gone before the answer came. */
export function useDeleteDeployment(name: string, onDeleted: () => void) {
  const api = useApi();
  return useDeploymentChange(
    (force: boolean) =>
      dataOf(api.DELETE("/api/v1/deployments/{name}", { params: { path: { name }, query: { force } } })),
    onDeleted,
  );
}

function useDeploymentChange<V, R>(mutationFn: (variables: V) => Promise<R>, onDone?: () => void) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn,
    // not awaited: whoever deletes leaves the page before it is found to be gone
    onSuccess: () => {
      onDone?.();
      void queries.invalidateQueries({ queryKey: ["deployments"] });
    },
  });
}
