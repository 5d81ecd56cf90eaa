/** Keyset paging as the house does it: each page says what to ask after, or that it is the last. */

export function nextAfter<T>(page: { readonly next: T | null }): T | undefined {
  return page.next ?? undefined;
}

export function allItems<T>(data: { readonly pages: readonly { readonly items: readonly T[] }[] } | undefined): T[] {
  return data?.pages.flatMap((page) => page.items) ?? [];
}
