/** Lists that come in pages: one way to ask for them all. */
import { type InfiniteData, infiniteQueryOptions, type QueryKey } from "@tanstack/react-query";
import { nextAfter } from "./paging";

/** Ask page after page, beginning after *first* (the house's word for "from the start"). */
export function paged<P extends { readonly next: C | null }, C>(
  queryKey: QueryKey,
  first: C,
  ask: (after: C, signal: AbortSignal) => Promise<P>,
) {
  return infiniteQueryOptions<P, Error, InfiniteData<P>, QueryKey, C>({
    queryKey,
    queryFn: ({ pageParam, signal }) => ask(pageParam as C, signal),
    initialPageParam: first,
    getNextPageParam: nextAfter<C>,
  });
}
