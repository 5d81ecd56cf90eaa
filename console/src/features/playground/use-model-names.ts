/** The names that answer at an endpoint, as the gate lists them. */
import { useQuery } from "@tanstack/react-query";
import { useSearchParams } from "wouter";
import { useApi } from "~/api/context";
import { type Endpoint, modelNamesQuery } from "~/api/inference-queries";

interface ModelNames {
  readonly names: readonly string[];
  readonly loading: boolean;
  readonly error: Error | null;
  readonly chosen: string;
  readonly choose: (name: string) => void;
}

/** Return the models of *endpoint* and the one chosen, which the address keeps so that it can be linked to. */
export function useModelNames(endpoint: Endpoint): ModelNames {
  const listed = useQuery(modelNamesQuery(useApi(), endpoint));
  const [search, setSearch] = useSearchParams();
  const names = listed.data ?? [];
  const wanted = search.get("model") ?? "";
  return {
    names,
    loading: listed.isPending,
    error: listed.error,
    chosen: names.includes(wanted) ? wanted : (names[0] ?? ""),
    choose: (name) => setSearch({ model: name }, { replace: true }),
  };
}
