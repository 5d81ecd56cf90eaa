/** What the page asks, kept in its address, so that an answer can be linked to. */
import { useSearchParams } from "wouter";
import type { Dimension, Filters } from "~/api/metering";
import { SPANS, type SpanName } from "~/features/shared/span";

export const DIMENSIONS = [
  "model",
  "project",
  "key",
  "tenant",
  "principal",
  "served_by",
  "provider",
  "upstream_model",
  "endpoint",
] as const satisfies readonly Dimension[];
export type Shown = (typeof DIMENSIONS)[number];

export const MEASURES = ["cost", "tokens", "requests"] as const;
export type MeasureName = (typeof MEASURES)[number];

export interface Question {
  readonly tab: "usage" | "ledger";
  readonly span: SpanName;
  readonly from: string;
  readonly to: string;
  readonly by: Shown;
  readonly measure: MeasureName;
  readonly filters: Filters;
}

export function questionOf(search: URLSearchParams): Question {
  const filters = DIMENSIONS.flatMap((name) => {
    const value = search.get(name);
    return value === null ? [] : [[name, value] as const];
  });
  return {
    tab: search.get("tab") === "ledger" ? "ledger" : "usage",
    span: oneOf(SPANS, search.get("span"), "week"),
    from: search.get("from") ?? "",
    to: search.get("to") ?? "",
    by: oneOf(DIMENSIONS, search.get("by"), "model"),
    measure: oneOf(MEASURES, search.get("show"), "cost"),
    filters: Object.fromEntries(filters),
  };
}

export function searchOf(question: Question): Record<string, string> {
  const { filters, tab, measure, ...rest } = question;
  const all = { ...rest, ...filters, tab: tab === "usage" ? "" : tab, show: measure === "cost" ? "" : measure };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== ""));
}

function oneOf<T extends string>(all: readonly T[], wanted: string | null, otherwise: T): T {
  return all.find((one) => one === wanted) ?? otherwise;
}

/** What one looks into next, once one has looked into *by*: the next dimension that is not fixed yet. */
export function deeper(by: Shown, filters: Filters): Shown {
  const order: readonly Shown[] = [
    "tenant",
    "project",
    "key",
    "model",
    "served_by",
    "provider",
    "endpoint",
    "principal",
  ];
  const at = order.indexOf(by);
  const after = [...order.slice(at + 1), ...order.slice(0, at)];
  return after.find((name) => filters[name] === undefined) ?? by;
}

export function useQuestion(): [Question, (part: Partial<Question>) => void] {
  const [search, setSearch] = useSearchParams();
  const question = questionOf(search);
  return [question, (part) => setSearch(searchOf({ ...question, ...part }), { replace: true })];
}
