/** The form of a limit as typed, and the limit it asks for. */
import type { Away, Edge, Limit, LimitScope } from "~/api/limits";
import { MEASURES, type Measure, type Period } from "~/api/measures";

export const SCOPES = ["project", "key", "principal", "tenant", "house"] as const satisfies readonly LimitScope[];

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

/** Another measure keeps the period where it can, and holds a hard budget even while the count is away. */
export function withMeasure(form: LimitForm, measure: Measure): LimitForm {
  const { kind, periods } = MEASURES[measure];
  const period = periods.includes(form.period) ? form.period : (periods.at(-1) ?? "none");
  return { ...form, measure, period, away: kind === "money" && form.edge === "hard" ? "refuse" : "local_share" };
}
