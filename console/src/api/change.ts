/** Changes: after one has been made, what may have changed with it is asked again. */
import { useMutation, useQueryClient } from "@tanstack/react-query";

/** Return the mutation; each of *areas* is the first word of the queries that it may change. */
export function useChange<V, R>(areas: readonly string[], mutationFn: (variables: V) => Promise<R>) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn,
    onSuccess: () => Promise.all(areas.map((area) => queries.invalidateQueries({ queryKey: [area] }))),
  });
}
