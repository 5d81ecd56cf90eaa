/** What was used and what it cost: sums, raw entries, and the price book. */
import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { useChange } from "./change";
import type { Api } from "./client";
import { useApi } from "./context";
import { paged } from "./paged";
import { nextAfter } from "./paging";
import { ask, pathWith, type Query } from "./rest";

export type Counted = "reported" | "tokenizer" | "estimate" | "none";
export type Bucket = "minute" | "hour" | "day" | "month" | "all";
export type Dimension =
  | "tenant"
  | "project"
  | "principal"
  | "key"
  | "model"
  | "served_by"
  | "provider"
  | "endpoint"
  | "batch"
  | "upstream_model";
export type Filters = Readonly<Partial<Record<Dimension, string>>>;
export type Order = "cost" | "tokens" | "requests";

/** Money is counted in millionths of the house's currency. */
export const MILLION = 1_000_000;

export interface Units {
  readonly input: number;
  readonly output: number;
  readonly cached: number;
  readonly cache_written: number;
  readonly reasoning: number;
  readonly audio_input: number;
  readonly audio_output: number;
  readonly images: number;
  readonly searches: number;
  readonly characters: number;
  readonly seconds: number;
  /** The part of `cache_written` that stays for an hour. */
  readonly cache_written_hour?: number;
}

export interface Entry {
  readonly id: string;
  readonly at: number;
  readonly request_id: string;
  readonly tenant: string;
  readonly project: string;
  readonly principal: string;
  readonly key: string;
  readonly endpoint: string;
  readonly model: string;
  readonly status: number;
  readonly served_by: string;
  readonly deployment: string;
  readonly replica: string;
  readonly provider: string;
  readonly attempt: number;
  readonly code: string;
  readonly stream: boolean;
  readonly took_ms: number;
  readonly first_token_ms: number | null;
  readonly units: Units;
  readonly counted: Counted;
  readonly cost: number;
  readonly price: number;
  readonly refused_by: string;
  readonly batch: boolean;
  readonly tags: readonly (readonly [string, string])[];
  /** False for an attempt that another one followed. */
  readonly final: boolean;
  /** What answered, as its vendor or the registry calls it. */
  readonly upstream_model?: string;
  readonly priced_by?: "" | "model" | "deployment" | "route" | "list" | "none";
}

/** What a whole request costs whose input is longer than `above` tokens. */
export interface Tier {
  readonly above: number;
  readonly input?: number | null;
  readonly output?: number | null;
  readonly cached?: number | null;
  readonly cache_written?: number | null;
  readonly cache_written_hour?: number | null;
  readonly reasoning?: number | null;
}

export interface Price {
  readonly model: string;
  readonly provider: string;
  readonly since: number;
  readonly input: number;
  readonly output: number;
  readonly cached: number | null;
  readonly cache_written: number | null;
  readonly reasoning: number | null;
  readonly audio_input: number | null;
  readonly audio_output: number | null;
  readonly image: number;
  readonly search: number;
  readonly request: number;
  readonly batch_factor: number;
  readonly version: number;
  readonly character: number;
  readonly second: number;
  readonly cache_written_hour?: number | null;
  readonly tiers?: readonly Tier[];
}

export interface PriceList {
  readonly items: readonly Price[];
  readonly version: number;
  readonly currency: string;
  /** The prices that come with Tulou: they hold where none of `items` does. */
  readonly built_in?: readonly Price[];
  readonly built_in_date?: string;
}

export interface UsageQuery {
  readonly start: number;
  readonly end: number;
  readonly bucket: Bucket;
  readonly groupBy: readonly Dimension[];
  /** Several values of a dimension mean any of them. */
  readonly filters: Readonly<Partial<Record<Dimension, string | readonly string[]>>>;
}

export interface UsageRow {
  readonly start: number;
  readonly group: readonly string[];
  readonly requests: number;
  readonly refused: number;
  readonly failed: number;
  readonly units: Units;
  readonly cost: number;
  /** Attempts that nothing prices, and their tokens; then those that a name alone does. */
  readonly unpriced?: number;
  readonly unpriced_tokens?: number;
  readonly priced_by_name?: number;
}

export interface UsageReport {
  readonly rows: readonly UsageRow[];
  readonly next: string | null;
  readonly currency: string;
}

const RENEWED_MS = 5000;
/** As many as the house tells at once: a chart of a few groups over twenty years has fewer. */
const ROWS = 5000;
const GROUPS = 100;

export function usageParameters({ start, end, bucket, groupBy, filters }: UsageQuery): Query {
  return { start, end, bucket, group_by: groupBy, ...filters };
}

/** Sums that renew themselves while the span reaches into the present. */
export const usageQuery = (api: Api, query: UsageQuery, live: boolean) =>
  queryOptions({
    queryKey: ["usage", query],
    queryFn: ({ signal }) =>
      ask<UsageReport>(api, "GET", "/api/v1/usage", { query: { ...usageParameters(query), limit: ROWS }, signal }),
    placeholderData: keepPreviousData,
    refetchInterval: live ? RENEWED_MS : false,
  });

/** The groups of a whole span, those with the most first, page by page. */
export const groupsQuery = (api: Api, query: Omit<UsageQuery, "bucket">, order: Order, live: boolean) =>
  infiniteQueryOptions({
    queryKey: ["usage", "groups", query, order],
    queryFn: ({ pageParam, signal }) => {
      const asked = { ...usageParameters({ ...query, bucket: "all" }), order, limit: GROUPS, after: pageParam };
      return ask<UsageReport>(api, "GET", "/api/v1/usage", { query: asked, signal });
    },
    initialPageParam: "",
    getNextPageParam: nextAfter<string>,
    placeholderData: keepPreviousData,
    refetchInterval: live ? RENEWED_MS : false,
  });

export const usageCsvPath = (query: UsageQuery) => pathWith("/api/v1/usage/csv", usageParameters(query));

export const entriesQuery = (api: Api, start: number, end: number, filters: Filters) =>
  paged<Entry, string>(api, ["ledger", { start, end, filters }], "/api/v1/ledger", { start, end, ...filters }, "");

/** How many entries were set aside because no ledger can hold them. */
export const quarantineQuery = (api: Api) =>
  queryOptions({
    queryKey: ["quarantine"],
    queryFn: ({ signal }) =>
      ask<{ waiting: number }>(api, "GET", "/api/v1/ledger/quarantine", { query: { limit: 1 }, signal }),
  });

export const pricesQuery = (api: Api) =>
  queryOptions({
    queryKey: ["prices"],
    queryFn: ({ signal }) => ask<PriceList>(api, "GET", "/api/v1/prices", { signal }),
  });

export interface Recompute {
  readonly start: number;
  readonly end: number;
  readonly model: string;
}

export function useRecompute() {
  const api = useApi();
  return useChange(["jobs"], (body: Recompute) =>
    ask<{ job: string }>(api, "POST", "/api/v1/usage/recompute", { body }),
  );
}

export function usePutPrice() {
  const api = useApi();
  return useChange(["prices"], (body: Omit<Price, "version">) => ask<Price>(api, "PUT", "/api/v1/prices", { body }));
}

export function useDeletePrice() {
  const api = useApi();
  return useChange(["prices"], ({ model, provider, since }: Pick<Price, "model" | "provider" | "since">) =>
    ask(api, "DELETE", "/api/v1/prices", { query: { model, provider, since } }),
  );
}
