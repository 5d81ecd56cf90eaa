/** The form of a new key as typed, and the key it asks for. */
import type { Limit } from "~/api/limits";
import type { CreateKey, Key } from "~/api/types";

/** Days until a key ends; 0 means never. */
export const EXPIRIES = [0, 1, 7, 30, 90, 365] as const;
const DAY = 86_400;

export interface KeyForm {
  readonly name: string;
  readonly inference: boolean;
  readonly admin: boolean;
  readonly models: string;
  readonly days: number;
  readonly project: string;
  readonly tenant: string;
  readonly principal: string;
  /** Money a month; empty: none of its own. */
  readonly budget: string;
}

export const EMPTY_FORM: KeyForm = {
  name: "",
  inference: true,
  admin: false,
  models: "*",
  days: 90,
  project: "default",
  tenant: "default",
  principal: "admin",
  budget: "",
};

export function createKeyOf(form: KeyForm, now: number): CreateKey {
  return {
    name: form.name.trim(),
    project: form.project.trim(),
    tenant: form.tenant.trim(),
    principal: form.principal.trim(),
    scopes: [...(form.inference ? (["inference"] as const) : []), ...(form.admin ? (["admin"] as const) : [])],
    models: form.models.split(/[,，\s]+/).filter((pattern) => pattern !== ""),
    expires_at: form.days === 0 ? null : Math.round(now + form.days * DAY),
  };
}

/** The budget that a form asks for, once its key is made; null where it asks for none. */
export function budgetOf(form: KeyForm, key: Key): Limit | null {
  const amount = Number(form.budget);
  if (form.budget.trim() === "" || !(amount > 0)) return null;
  return {
    name: `${nameOf(key.name)}-${key.id.slice(-6).toLowerCase()}-budget`,
    scope: "key",
    subject: key.id,
    measure: "cost",
    amount,
    period: "month",
    models: ["*"],
    edge: "hard",
    away: "refuse",
    warn_at: [0.8],
    tenant: key.tenant,
  };
}

/** A key's name as part of a limit's, which is stricter. */
function nameOf(name: string): string {
  const plain = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");
  return plain.slice(0, 32) || "key";
}
