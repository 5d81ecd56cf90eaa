/** The form of a price as typed, and the price it asks for; how prices of one model follow one another. */
import type { Price } from "~/api/metering";

export const MAIN = ["input", "output", "cached"] as const;
export const REST = [
  "cache_written",
  "reasoning",
  "audio_input",
  "audio_output",
  "image",
  "search",
  "request",
  "character",
  "second",
  "batch_factor",
] as const;
export type Rate = (typeof MAIN)[number] | (typeof REST)[number];
/** Where nothing is typed, the rate of plain input or output holds. */
const OPTIONAL: readonly Rate[] = ["cached", "cache_written", "reasoning", "audio_input", "audio_output"];

/** What a price has that the form does not show. */
export type Unseen = "cache_written_hour" | "tiers";

export type PriceForm = Readonly<Record<Rate | "model" | "provider" | "since", string>>;

const RATES: readonly Rate[] = [...MAIN, ...REST];

export function priceFormOf(price: Price | null): PriceForm {
  const rates = RATES.map((rate) => [rate, text(price?.[rate])] as const);
  return {
    ...(Object.fromEntries(rates) as Record<Rate, string>),
    model: price?.model ?? "",
    provider: price?.provider ?? "",
    since: price && price.since > 0 ? new Date(price.since * 1000).toISOString().slice(0, 16) : "",
  };
}

function text(value: number | null | undefined): string {
  return value === null || value === undefined ? "" : String(value);
}

/** Days and times of the price book are UTC's, as the ledger's are. */
export function priceOf(form: PriceForm): Omit<Price, "version" | Unseen> {
  const number = (rate: Rate) => (form[rate].trim() === "" ? null : Number(form[rate]));
  const rates = RATES.map((rate) => {
    const otherwise = OPTIONAL.includes(rate) ? null : rate === "batch_factor" ? 1 : 0;
    return [rate, number(rate) ?? otherwise] as const;
  });
  return {
    ...(Object.fromEntries(rates) as Record<Rate, number>),
    model: form.model.trim(),
    provider: form.provider.trim(),
    since: form.since === "" ? 0 : Date.parse(`${form.since}Z`) / 1000,
  };
}

export type Standing = "now" | "later" | "past";

/** What answers or has answered: the names that a price may fit, and whose they are. */
export interface Answerer {
  readonly names: readonly string[];
  readonly provider: string;
}

/** Whether a price fits anything that is there: without it, it holds and prices nothing. */
export function fitsAny(price: Pick<Price, "model" | "provider">, answerers: readonly Answerer[]): boolean {
  const model = patternOf(price.model);
  const provider = patternOf(price.provider || "*");
  return answerers.some((one) => provider.test(one.provider) && one.names.some((name) => model.test(name)));
}

function patternOf(text: string): RegExp {
  const parts = text.split(/([*?])/).map((part) => {
    if (part === "*") return ".*";
    return part === "?" ? "." : part.replace(/[.+^${}()|\\]/g, "\\$&");
  });
  try {
    return new RegExp(`^${parts.join("")}$`, "su");
  } catch {
    return /^\b$/;
  }
}

/** Of prices for the same model and provider, the last that has begun holds. */
export function standingOf(price: Price, all: readonly Price[], now: number): Standing {
  if (price.since > now) return "later";
  const next = all.some(
    (other) =>
      other.model === price.model &&
      other.provider === price.provider &&
      other.since > price.since &&
      other.since <= now,
  );
  return next ? "past" : "now";
}
