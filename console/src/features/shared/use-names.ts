/** What people call what the house knows by an id; of many, those that were made last. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { useApi } from "~/api/context";
import { keysQuery } from "~/api/identity";
import { allItems } from "~/api/paging";
import { useMay } from "./may";

/** Return the name of a key, or its id where the name is not known. */
export function useKeyNames(): (id: string) => string {
  const { may } = useMay();
  const { data } = useInfiniteQuery({ ...keysQuery(useApi(), false), enabled: may("keys:read") });
  const names = new Map(allItems(data).map(({ id, name }) => [id, name]));
  return (id) => names.get(id) ?? id;
}
