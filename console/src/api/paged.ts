/** Lists that come in pages: one way to ask for them all. */
import { infiniteQueryOptions, type QueryKey } from "@tanstack/react-query";
import type { Api } from "./client";
import { nextAfter } from "./paging";
import { ask, type Query } from "./rest";

export interface PageOf<T, C extends string | number> {
  readonly items: readonly T[];
  readonly next?: C | null;
}

/** Ask *path* page after page, beginning after *first* (the house's word for "from the start"). */
export function paged<T, C extends string | number>(api: Api, key: QueryKey, path: string, query: Query, first: C) {
  return infiniteQueryOptions({
    queryKey: key,
    queryFn: ({ pageParam, signal }) =>
      ask<PageOf<T, C>>(api, "GET", path, {
        query: { ...query, after: pageParam === first ? null : (pageParam as C) },
        signal,
      }),
    initialPageParam: first,
    getNextPageParam: nextAfter<C>,
  });
}
