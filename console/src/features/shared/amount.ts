/** An amount of whatever a limit measures. */
import type { Limit } from "~/api/limits";
import { MEASURES } from "~/api/measures";
import type { Formats } from "~/lib/format";

/** An amount in the limit's own unit. */
export function amountOf(
  amount: number,
  { measure }: Pick<Limit, "measure">,
  format: Formats,
  currency = "USD",
): string {
  return MEASURES[measure].kind === "money" ? format.money(amount, currency) : format.compact(amount);
}
