/** What was used and what it cost: sums, raw entries, and the price book. */
import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { useChange } from "./change";
import { type Api, dataOf } from "./client";
import { useApi } from "./context";
import { paged } from "./paged";
import { nextAfter } from "./paging";
import type { QueryOf, Schemas } from "./types";

type UsageParameters = QueryOf<"/api/v1/usage">;

/** `final` is false for an attempt that another one followed. */
export type Entry = Schemas["Entry-Output"];
export type Units = Schemas["Units-Output"];
export type Counted = Entry["counted"];
export type Price = Schemas["Price-Output"];
/** What a whole request costs whose input is longer than `above` tokens. */
export type Tier = Schemas["Tier-Output"];
export type UsageRow = Schemas["UsageRow"];
export type UsageReport = Schemas["UsageReport"];
export type Bucket = NonNullable<UsageParameters["bucket"]>;
export type Dimension = NonNullable<UsageParameters["group_by"]>[number];
export type Filters = Readonly<Partial<Record<Dimension, string>>>;
export type Order = Exclude<NonNullable<UsageParameters["order"]>, "time">;

/** Money is counted in millionths of the house's currency. */
export const MILLION = 1_000_000;

export interface UsageQuery {
  readonly start: number;
  readonly end: number;
  readonly bucket: Bucket;
  readonly groupBy: readonly Dimension[];
  /** Several values of a dimension mean any of them. */
  readonly filters: Readonly<Partial<Record<Dimension, string | readonly string[]>>>;
}

const RENEWED_MS = 5000;
/** As many as the house tells at once: a chart of a few groups over twenty years has fewer. */
const ROWS = 5000;
const GROUPS = 100;

function usageParameters({ start, end, bucket, groupBy, filters }: UsageQuery): UsageParameters {
  return { start, end, bucket, group_by: [...groupBy], ...listsOf(filters) };
}

function listsOf(filters: UsageQuery["filters"]): Partial<Record<Dimension, string[]>> {
  return Object.fromEntries(Object.entries(filters).map(([name, value]) => [name, [value].flat()]));
}

/** Sums that renew themselves while the span reaches into the present. */
export const usageQuery = (api: Api, query: UsageQuery, live: boolean) =>
  queryOptions({
    queryKey: ["usage", query],
    queryFn: ({ signal }) =>
      dataOf(api.GET("/api/v1/usage", { params: { query: { ...usageParameters(query), limit: ROWS } }, signal })),
    placeholderData: keepPreviousData,
    refetchInterval: live ? RENEWED_MS : false,
  });

/** The groups of a whole span, those with the most first, page by page. */
export const groupsQuery = (api: Api, query: Omit<UsageQuery, "bucket">, order: Order, live: boolean) =>
  infiniteQueryOptions({
    queryKey: ["usage", "groups", query, order],
    queryFn: ({ pageParam, signal }) => {
      const asked = { ...usageParameters({ ...query, bucket: "all" }), order, limit: GROUPS, after: pageParam };
      return dataOf(api.GET("/api/v1/usage", { params: { query: asked }, signal }));
    },
    initialPageParam: "",
    getNextPageParam: nextAfter<string>,
    placeholderData: keepPreviousData,
    refetchInterval: live ? RENEWED_MS : false,
  });

export const usageCsv = (api: Api, query: UsageQuery): Promise<Blob> =>
  dataOf(api.GET("/api/v1/usage/csv", { params: { query: usageParameters(query) }, parseAs: "blob" }));

export const entriesQuery = (api: Api, start: number, end: number, filters: Filters) =>
  paged(["ledger", { start, end, filters }], "", (after, signal) =>
    dataOf(api.GET("/api/v1/ledger", { params: { query: { start, end, ...listsOf(filters), after } }, signal })),
  );

/** How many entries were set aside because no ledger can hold them. */
export const quarantineQuery = (api: Api) =>
  queryOptions({
    queryKey: ["quarantine"],
    queryFn: ({ signal }) => dataOf(api.GET("/api/v1/ledger/quarantine", { params: { query: { limit: 1 } }, signal })),
  });

export const pricesQuery = (api: Api) =>
  queryOptions({ queryKey: ["prices"], queryFn: ({ signal }) => dataOf(api.GET("/api/v1/prices", { signal })) });

export function useRecompute() {
  const api = useApi();
  return useChange(["jobs"], (body: Schemas["Recompute"]) => dataOf(api.POST("/api/v1/usage/recompute", { body })));
}

export function usePutPrice() {
  const api = useApi();
  return useChange(["prices"], (body: Omit<Price, "version">) => dataOf(api.PUT("/api/v1/prices", { body })));
}

export function useDeletePrice() {
  const api = useApi();
  return useChange(["prices"], ({ model, provider, since }: Pick<Price, "model" | "provider" | "since">) =>
    dataOf(api.DELETE("/api/v1/prices", { params: { query: { model, provider, since } } })),
  );
}
