/** The form of a new key as typed, and the key it asks for. */
import type { CreateKey } from "~/api/types";

/** Days until a key ends; 0 means never. */
export const EXPIRIES = [0, 1, 7, 30, 90, 365] as const;
const DAY = 86_400;

export interface KeyForm {
  readonly name: string;
  readonly inference: boolean;
  readonly admin: boolean;
  readonly models: string;
  readonly days: number;
  readonly tenant: string;
  readonly principal: string;
}

export const EMPTY_FORM: KeyForm = {
  name: "",
  inference: true,
  admin: false,
  models: "*",
  days: 90,
  tenant: "default",
  principal: "admin",
};

export function createKeyOf(form: KeyForm, now: number): CreateKey {
  return {
    name: form.name.trim(),
    tenant: form.tenant.trim(),
    principal: form.principal.trim(),
    scopes: [...(form.inference ? (["inference"] as const) : []), ...(form.admin ? (["admin"] as const) : [])],
    models: form.models.split(/[,，\s]+/).filter((pattern) => pattern !== ""),
    expires_at: form.days === 0 ? null : Math.round(now + form.days * DAY),
  };
}
