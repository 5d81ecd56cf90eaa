/** What limits measure, as values: a measure that the house's document names and that is missing here does not compile. */
import type { components } from "./schema";

export type Measure = components["schemas"]["Limit"]["measure"];
export type Period = components["schemas"]["Limit"]["period"];

interface MeasureFacts {
  /** What an amount is: a count, money in the house's currency, or places that are held at a time. */
  readonly kind: "count" | "money" | "places";
  readonly periods: readonly Period[];
}

const EVER = ["second", "minute", "hour", "day", "month"] as const;

/** In the order in which they are offered. */
export const MEASURES: Readonly<Record<Measure, MeasureFacts>> = {
  cost: { kind: "money", periods: ["hour", "day", "month"] },
  tokens: { kind: "count", periods: EVER },
  input_tokens: { kind: "count", periods: EVER },
  output_tokens: { kind: "count", periods: EVER },
  requests: { kind: "count", periods: EVER },
  concurrency: { kind: "places", periods: ["none"] },
};
