/** Every page of the console: where it is, what it is called, where the menu shows it, and who may see it. */
import { type ComponentType, createElement, lazy, type ReactElement } from "react";
import type { Permission } from "~/api/types";
import type { PlainKey } from "~/lib/i18n/translate";
import type { IconName } from "~/ui/icon";

type Words = Extract<PlainKey, `shell.${string}`>;

/** The groups of the menu in their order; the first has no heading. */
export const GROUPS = ["top", "traffic", "life", "house"] as const;
export type Group = (typeof GROUPS)[number];

interface About {
  readonly label: Words;
  /** What one must be permitted to see it; null: whoever is signed in may. */
  readonly permission: Permission | null;
  /** Where the menu shows it; null: other pages lead to it. */
  readonly menu: { readonly group: Group; readonly icon: IconName } | null;
}

export interface PageEntry extends About {
  readonly path: string;
  readonly render: (params: Readonly<Record<string, string | undefined>>) => ReactElement;
}

/** The parts of a path that vary: `/people/:tenant/:name` has `tenant` and `name`. */
type Params<Path extends string> = Path extends `${string}:${infer Name}/${infer Rest}`
  ? { readonly [N in Name]: string } & Params<`/${Rest}`>
  : Path extends `${string}:${infer Name}`
    ? { readonly [N in Name]: string }
    : unknown;

type Load<Props> = () => Promise<{ readonly default: ComponentType<Props> }>;

/** A page takes the varying parts of its path as properties, and begins anew where one of them is another. */
function page<Path extends string>(path: Path, about: About, load: Load<Params<Path>>): PageEntry {
  const Shown: ComponentType<Record<string, unknown>> = lazy(load as Load<Record<string, unknown>>);
  return {
    ...about,
    path,
    render: (params) => createElement(Shown, { ...params, key: Object.values(params).join("/") }),
  };
}

function inMenu(group: Group, icon: IconName & PlainName, permission: Permission | null = null): About {
  return { label: `shell.${icon}`, permission, menu: { group, icon } };
}

function hidden(label: Words, permission: Permission | null = null): About {
  return { label, permission, menu: null };
}

/** An icon is called as the page that it stands for. */
type PlainName = Words extends `shell.${infer Name}` ? Name : never;

export const PAGES: readonly PageEntry[] = [
  page("/", inMenu("top", "overview"), () => import("~/features/overview/overview")),
  page("/playground", inMenu("top", "playground"), () => import("~/features/playground/playground")),
  page("/usage", inMenu("top", "usage", "usage:read"), () => import("~/features/usage/usage")),
  page(
    "/deployments",
    inMenu("traffic", "deployments", "deployments:read"),
    () => import("~/features/deployments/deployments"),
  ),
  page(
    "/deployments/:name",
    hidden("shell.deployments", "deployments:read"),
    () => import("~/features/deployments/deployment"),
  ),
  page("/upstreams", inMenu("traffic", "upstreams", "upstreams:read"), () => import("~/features/upstreams/upstreams")),
  page("/limits", inMenu("traffic", "limits", "limits:read"), () => import("~/features/limits/limits")),
  page("/models", inMenu("life", "models", "models:read"), () => import("~/features/models/models")),
  page("/models/:name", hidden("shell.models", "models:read"), () => import("~/features/models/model")),
  page("/training", inMenu("life", "training", "training:read"), () => import("~/features/training/training")),
  page("/projects", inMenu("house", "projects", "projects:read"), () => import("~/features/projects/projects")),
  page("/keys", inMenu("house", "keys", "keys:read"), () => import("~/features/keys/keys")),
  page("/people", inMenu("house", "people", "principals:read"), () => import("~/features/people/people")),
  page("/people/:tenant/:name", hidden("shell.people", "principals:read"), () => import("~/features/people/person")),
  page("/policies", inMenu("house", "policies", "policies:read"), () => import("~/features/access/access")),
  page("/tenants", inMenu("house", "tenants", "tenants:write"), () => import("~/features/tenants/tenants")),
  page("/audit", inMenu("house", "audit", "audit:read"), () => import("~/features/audit/audit")),
  page(
    "/configuration",
    inMenu("house", "configuration", "configuration:read"),
    () => import("~/features/configuration/configuration"),
  ),
  page("/jobs", inMenu("house", "jobs", "jobs:read"), () => import("~/features/jobs/jobs")),
  page("/logs", inMenu("house", "logs", "logs:read"), () => import("~/features/logs/logs")),
  page("/me", hidden("shell.you"), () => import("~/features/me/me")),
];
