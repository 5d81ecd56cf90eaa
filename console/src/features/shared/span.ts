/** Spans of time that people ask for, and the buckets in which they are drawn. Buckets are UTC's, as the ledger's are. */
import type { Bucket } from "~/api/metering";

export const SPANS = ["today", "week", "month30", "month", "custom"] as const;
export type SpanName = (typeof SPANS)[number];

export interface Span {
  readonly start: number;
  readonly end: number;
  readonly bucket: Bucket;
  /** Reaches into the present, so that it grows while one looks. */
  readonly live: boolean;
}

const HOUR = 3600;
const DAY = 86_400;
/** As many bars as can be told apart. */
const MOST_HOURS = 72;
const MOST_DAYS = 92;

/** Return the span as of *now*; `custom` is from the day *from* through the day *to*. */
export function spanOf(name: SpanName, now: number, from = "", to = ""): Span {
  const midnight = Math.floor(now / DAY) * DAY;
  const end = (Math.floor(now / HOUR) + 1) * HOUR;
  if (name === "today") return { start: midnight, end, bucket: "hour", live: true };
  if (name === "week") return { start: midnight - 6 * DAY, end, bucket: "day", live: true };
  if (name === "month30") return { start: midnight - 29 * DAY, end, bucket: "day", live: true };
  if (name === "month") return { start: monthStart(now), end, bucket: "day", live: true };
  const first = dayOf(from) ?? midnight;
  const past = Math.max(first, dayOf(to) ?? midnight) + DAY;
  return { start: first, end: past, bucket: bucketOf(past - first), live: past > now };
}

function monthStart(now: number): number {
  const date = new Date(now * 1000);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth()) / 1000;
}

function dayOf(text: string): number | null {
  const parsed = Date.parse(`${text}T00:00:00Z`);
  return Number.isNaN(parsed) ? null : parsed / 1000;
}

function bucketOf(seconds: number): Bucket {
  if (seconds <= MOST_HOURS * HOUR) return "hour";
  return seconds <= MOST_DAYS * DAY ? "day" : "month";
}

/** The starts of all buckets of a span, those too in which nothing was used. */
export function bucketsOf({ start, end, bucket }: Span): number[] {
  if (bucket === "month") return monthsOf(start, end);
  const step = bucket === "hour" ? HOUR : DAY;
  const first = Math.floor(start / step) * step;
  return Array.from({ length: Math.max(1, Math.ceil((end - first) / step)) }, (_, place) => first + place * step);
}

function monthsOf(start: number, end: number): number[] {
  const all: number[] = [];
  for (let at = monthStart(start); at < end; at = monthStart(at + 32 * DAY)) all.push(at);
  return all;
}

export function dayText(unixSeconds: number): string {
  return new Date(unixSeconds * 1000).toISOString().slice(0, 10);
}
