/** The form of a limit as typed, and the limit it asks for. */
import type { Away, Edge, Limit, LimitScope, Measure, Period } from "~/api/limits";

export const SCOPES = ["project", "key", "principal", "tenant", "house"] as const satisfies readonly LimitScope[];
export const MEASURES = [
  "cost",
  "tokens",
  "input_tokens",
  "output_tokens",
  "requests",
  "concurrency",
] as const satisfies readonly Measure[];
const RATES = ["second", "minute", "hour"] as const satisfies readonly Period[];
const WINDOWS = ["day", "month"] as const satisfies readonly Period[];

export interface LimitForm {
  readonly name: string;
  readonly scope: LimitScope;
  readonly subject: string;
  readonly measure: Measure;
  readonly amount: number;
  readonly period: Period;
  readonly models: string;
  readonly edge: Edge;
  readonly away: Away;
  readonly warnAt: string;
  readonly tenant: string;
}

export function emptyForm(tenant: string): LimitForm {
  return {
    name: "",
    scope: "project",
    subject: "",
    measure: "cost",
    amount: 10,
    period: "month",
    models: "*",
    edge: "hard",
    away: "refuse",
    warnAt: "80",
    tenant,
  };
}

export function formOf(limit: Limit): LimitForm {
  const { models, warn_at, ...rest } = limit;
  return {
    ...rest,
    models: models.join(", "),
    warnAt: warn_at.map((share) => Number((share * 100).toPrecision(12))).join(", "),
  };
}

export function limitOf(form: LimitForm): Limit {
  const { models, warnAt, ...rest } = form;
  const warn = listOf(warnAt).map((percent) => Number(percent) / 100);
  return {
    ...rest,
    name: form.name.trim(),
    subject: form.scope === "house" ? "" : form.subject.trim(),
    tenant: form.scope === "house" ? "" : form.tenant,
    models: listOf(models),
    warn_at: warn.filter((share) => share > 0 && share <= 1).sort((a, b) => a - b),
  };
}

export function listOf(text: string): string[] {
  return text.split(/[,，\s]+/).filter((one) => one !== "");
}

/** The periods that a measure makes sense in. */
export function periodsOf(measure: Measure): readonly Period[] {
  if (measure === "concurrency") return ["none"];
  return measure === "cost" ? ["hour", ...WINDOWS] : [...RATES, ...WINDOWS];
}

/** Another measure keeps the period where it can, and holds a hard budget even while the count is away. */
export function withMeasure(form: LimitForm, measure: Measure): LimitForm {
  const periods = periodsOf(measure);
  const period = periods.includes(form.period) ? form.period : (periods.at(-1) ?? "none");
  return { ...form, measure, period, away: measure === "cost" && form.edge === "hard" ? "refuse" : "local_share" };
}
