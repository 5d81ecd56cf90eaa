/** The form of a principal as typed, and the principal it asks for. */
import type { Principal, PrincipalKind, PutPrincipal, RoleBinding } from "~/api/tenancy";
import { attributesOf } from "~/features/shared/attributes";

export interface PersonForm {
  readonly tenant: string;
  readonly name: string;
  readonly kind: PrincipalKind;
  readonly title: string;
  readonly email: string;
  readonly roles: readonly RoleBinding[];
  readonly attributes: string;
  readonly suspended: string;
  readonly password: string;
}

export function emptyPerson(tenant: string): PersonForm {
  return {
    tenant,
    name: "",
    kind: "user",
    title: "",
    email: "",
    roles: [{ role: "developer", project: "" }],
    attributes: "",
    suspended: "",
    password: "",
  };
}

export function personFormOf(principal: Principal): PersonForm {
  const { tenant, name, kind, title, email, roles, attributes, suspended } = principal;
  const lines = Object.entries(attributes).map(([key, value]) => `${key} = ${value}`);
  return { tenant, name, kind, title, email, roles, attributes: lines.join("\n"), suspended, password: "" };
}

/** Return what the form asks for, or the number of the first line of attributes that is none. */
export function principalOf(form: PersonForm): PutPrincipal | number {
  const attributes = attributesOf(form.attributes);
  if (typeof attributes === "number") return attributes;
  return {
    tenant: form.tenant.trim(),
    name: form.name.trim(),
    kind: form.kind,
    title: form.title.trim(),
    email: form.kind === "user" ? form.email.trim() : "",
    roles: [...form.roles],
    attributes,
    suspended: form.suspended,
    password: form.kind === "user" && form.password !== "" ? form.password : null,
  };
}

/** Change one thing of a principal, and nothing else. */
export function changed(principal: Principal, part: Partial<PutPrincipal>): PutPrincipal {
  const { tenant, name, kind, title, email, roles, attributes, suspended } = principal;
  return { tenant, name, kind, title, email, roles, attributes, suspended, password: null, ...part };
}

const LETTERS = "abcdefghijkmnpqrstuvwxyz23456789";

/** Four groups of five that can be read out over a telephone: about 100 bits. */
export function thinkOfPassword(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(20));
  const letters = [...bytes].map((byte) => LETTERS[byte % LETTERS.length] ?? "x").join("");
  return letters.replace(/(.{5})(?=.)/g, "$1-");
}
