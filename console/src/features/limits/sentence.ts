/** What a limit means, in a sentence or two. */
import type { Limit } from "~/api/limits";
import { MEASURES } from "~/api/measures";
import { amountOf } from "~/features/shared/amount";
import type { Formats } from "~/lib/format";
import type { Translate } from "~/lib/i18n/translate";

/** What the sentence is about; the money of a budget is in *currency*. */
export function meaningOf(limit: Limit, t: Translate, format: Formats, currency = "USD"): string[] {
  const all = limit.models.includes("*") || limit.models.length === 0;
  const models = all ? "" : ` ${t("limits.says_models", { models: limit.models.join(", ") })}`;
  const amount = amountOf(limit.amount, limit, format, currency);
  const said = { who: whoOf(limit, t), amount, models };
  const timed = { ...said, measure: t(`limits.measure_${limit.measure}`), period: t(`limits.period_${limit.period}`) };
  const warn = limit.warn_at.map((share) => format.percent(share)).join(", ");
  return [
    ruleOf(limit, t, said, timed),
    t(limit.edge === "hard" ? "limits.says_hard" : "limits.says_soft"),
    ...(warn === "" || MEASURES[limit.measure].kind === "places" ? [] : [t("limits.says_warn", { percent: warn })]),
  ];
}

type Said = Readonly<Record<"who" | "amount" | "models", string>>;
type Timed = Said & Readonly<Record<"measure" | "period", string>>;

function ruleOf({ measure, period }: Limit, t: Translate, said: Said, timed: Timed): string {
  const { kind } = MEASURES[measure];
  if (kind === "places") return t("limits.says_concurrency", said);
  if (kind === "money") return t("limits.says_budget", timed);
  if (period === "day") return t("limits.says_quota", timed);
  return t(period === "month" ? "limits.says_quotaMonth" : "limits.says_rate", timed);
}

function whoOf({ scope, subject }: Limit, t: Translate): string {
  if (scope === "house") return t("limits.one_house");
  return subject === "" ? t(`limits.each_${scope}`) : t(`limits.one_${scope}`, { subject });
}
