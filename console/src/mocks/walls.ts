/** Who lives in the pretended house, and what they may. */
import type { IdentityProviders } from "~/api/door";
import type { AuditRecord, Outcome, Policy, Role } from "~/api/governance";
import type { Me, SignInSession } from "~/api/me";
import type { Principal, Project, Tenant } from "~/api/tenancy";

export interface Walls {
  me: Me;
  /** A browser is signed in by its cookie. */
  cookie: boolean;
  /** How people may come in; null: the house does not say. */
  door: IdentityProviders | null;
  tenants: Tenant[];
  projects: Project[];
  principals: Principal[];
  sessions: SignInSession[];
  roles: Role[];
  policies: Policy[];
  audit: AuditRecord[];
  /** The sequence at which the chain is broken. */
  tampered: number | null;
}

const DAY = 86_400;

export function walls(now: number): Walls {
  return {
    me: me({}),
    cookie: false,
    door: { items: [{ name: "keycloak", title: "the company" }], passwords: true },
    tenants: [
      { name: "default", title: "", suspended: "", created_at: now - 90 * DAY },
      { name: "shop", title: "Shop", suspended: "", created_at: now - 40 * DAY },
      { name: "lab", title: "Laboratory", suspended: "the bill of October is open", created_at: now - 20 * DAY },
    ],
    projects: [
      { tenant: "default", name: "default", title: "", created_at: now - 90 * DAY },
      { tenant: "default", name: "assistant", title: "Shop assistant", created_at: now - 30 * DAY },
      { tenant: "default", name: "search", title: "Search", created_at: now - 12 * DAY },
    ],
    principals: [
      principal({ name: "admin", title: "", email: "", roles: [{ role: "operator", project: "" }] }, now),
      principal(
        {
          name: "ada",
          title: "Ada Lin",
          email: "ada@example.org",
          roles: [{ role: "admin", project: "" }],
          has_password: true,
          has_second_factor: true,
          seen_at: now - 340,
          attributes: { team: "search", level: 3 },
        },
        now,
      ),
      principal(
        {
          name: "bo",
          title: "Bo Chen",
          email: "bo@example.org",
          roles: [
            { role: "developer", project: "assistant" },
            { role: "viewer", project: "" },
          ],
          has_password: true,
        },
        now,
      ),
      principal({ name: "ci", kind: "service", title: "Nightly tests", suspended: "leaked its key" }, now),
    ],
    sessions: [
      signInSession("ses_here", now - 7200, "Mozilla/5.0 (X11; Linux x86_64) Chrome/141.0 Safari/537.36", now),
      signInSession(
        "ses_phone",
        now - 3 * DAY,
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Safari/604.1",
        now,
      ),
    ],
    roles: [
      role("operator", "Looks after the house", ["*:*"], true),
      role("admin", "Looks after a tenant", ["projects:*", "principals:*", "keys:*", "limits:*", "*:read"]),
      role("developer", "Builds with models", ["keys:*", "models:read", "models:use", "usage:read", "limits:read"]),
      role("viewer", "Looks", ["*:read", "-audit:*"]),
      { ...role("night-shift", "Restarts what hangs", ["deployments:*"]), built_in: false },
    ],
    policies: [
      {
        name: "no-large-model-for-tests",
        text: 'forbid (\n  principal,\n  action == Action::"models:use",\n  resource == Model::"qwen3-0.6b"\n) when { principal.project == "search" };\n',
        description: "The search team measures with the small model only.",
        enabled: true,
      },
    ],
    audit: [
      auditRecord(4, "ada", "keys:write", "key key_shop", "done", now - 60),
      auditRecord(3, "bo", "policies:write", "policy no-large-model-for-tests", "denied", now - 3000),
      auditRecord(2, "admin", "principals:write", "principal default/bo", "done", now - 9000),
      auditRecord(1, "admin", "projects:write", "project default/assistant", "done", now - 30 * DAY),
    ],
    tampered: null,
  };
}

export function me(part: Partial<Me>): Me {
  return {
    tenant: "default",
    principal: "admin",
    project: "default",
    kind: "user",
    title: "",
    email: "",
    key: "key_console",
    session: "",
    scopes: ["admin", "inference"],
    roles: ["operator"],
    permissions: ["*:*"],
    house: true,
    has_password: false,
    has_second_factor: false,
    ...part,
  };
}

function principal(part: Partial<Principal> & Pick<Principal, "name">, now: number): Principal {
  return {
    tenant: "default",
    kind: "user",
    title: "",
    email: "",
    roles: [],
    attributes: {},
    suspended: "",
    created_at: now - 30 * DAY,
    has_password: false,
    has_second_factor: false,
    subject: "",
    seen_at: null,
    ...part,
  };
}

function signInSession(id: string, created_at: number, agent: string, now: number): SignInSession {
  const times = { created_at, expires_at: created_at + 7 * DAY, seen_at: now - 30 };
  return { id, tenant: "default", principal: "ada", ...times, address: "10.0.0.7", agent, by: "password" };
}

function role(name: string, title: string, permissions: string[], house = false): Role {
  return { name, title, permissions, house, built_in: true };
}

function auditRecord(
  sequence: number,
  principal: string,
  action: string,
  resource: string,
  outcome: Outcome,
  at: number,
): AuditRecord {
  const hash = (seed: number) => Array.from({ length: 64 }, (_, i) => ((i * 7 + seed * 13) % 16).toString(16)).join("");
  const detail = JSON.stringify({ method: "PUT", path: `/api/v1/${resource.replace(" ", "/")}` });
  return {
    sequence,
    entry: {
      id: `aud_${sequence}`,
      at,
      tenant: "default",
      principal,
      action,
      resource,
      outcome,
      code: outcome === "denied" ? "forbidden" : "",
      key: "key_console",
      request_id: `req_${sequence}`,
      reason: outcome === "denied" ? "no role of bo permits policies:write" : "",
      detail,
    },
    proof: "",
    removed: 0,
    previous: sequence > 1 ? hash(sequence - 1) : "",
    hash: hash(sequence),
  };
}
