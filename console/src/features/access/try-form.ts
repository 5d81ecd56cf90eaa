/** The question of the try box as typed, and what it asks. */
import type { Decide } from "~/api/governance";
import { attributesOf } from "~/features/shared/attributes";

export interface TryForm {
  readonly tenant: string;
  readonly principal: string;
  readonly project: string;
  readonly roles: string;
  readonly attributes: string;
  readonly action: string;
  readonly kind: string;
  readonly name: string;
  readonly context: string;
}

export const EMPTY_QUESTION: TryForm = {
  tenant: "default",
  principal: "admin",
  project: "default",
  roles: "developer",
  attributes: "",
  action: "models:use",
  kind: "model",
  name: "tulou-demo",
  context: "",
};

export function decideOf(form: TryForm): Decide {
  const known = (text: string) => {
    const attributes = attributesOf(text);
    return typeof attributes === "number" ? {} : attributes;
  };
  return {
    subject: {
      tenant: form.tenant.trim(),
      principal: form.principal.trim(),
      project: form.project.trim(),
      roles: form.roles.split(/[,，\s]+/).filter((role) => role !== ""),
      attributes: known(form.attributes),
    },
    action: form.action.trim(),
    resource: { kind: form.kind.trim(), name: form.name.trim(), tenant: form.tenant.trim() },
    context: known(form.context),
  };
}
