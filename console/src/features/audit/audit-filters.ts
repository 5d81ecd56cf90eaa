/** What of the trail is looked at. */
import type { AuditQuery, Outcome } from "~/api/governance";

export interface AuditFilters {
  readonly principal: string;
  readonly action: string;
  /** `changes`: what was to change something, however it ended. */
  readonly outcome: Outcome | "any" | "changes";
  /** Days, as `2026-11-21`; the second one is included. */
  readonly since: string;
  readonly until: string;
}

export const NO_FILTERS: AuditFilters = { principal: "", action: "", outcome: "any", since: "", until: "" };

const DAY = 86_400;

interface Span {
  readonly since: number | null;
  readonly until: number | null;
}

export function queryOf({ principal, action, outcome, since, until }: AuditFilters): AuditQuery & Span {
  const last = dayOf(until);
  return {
    principal,
    action,
    outcome: outcome === "any" || outcome === "changes" ? null : outcome,
    ...(outcome === "changes" && { changes: true }),
    since: dayOf(since),
    until: last === null ? null : last + DAY,
  };
}

function dayOf(text: string): number | null {
  const parsed = Date.parse(`${text}T00:00:00`);
  return Number.isNaN(parsed) ? null : parsed / 1000;
}
