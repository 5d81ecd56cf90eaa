/** Sums over rows of a report. */
import { MILLION, type UsageRow } from "~/api/metering";
import type { Part } from "~/ui/stack";
import type { MeasureName } from "./question";

export interface Sum {
  readonly requests: number;
  readonly refused: number;
  readonly failed: number;
  readonly input: number;
  readonly cached: number;
  readonly output: number;
  readonly cost: number;
}

export interface Group extends Sum {
  readonly name: string;
}

const NOTHING: Sum = { requests: 0, refused: 0, failed: 0, input: 0, cached: 0, output: 0, cost: 0 };

function plus(sum: Sum, row: UsageRow): Sum {
  return {
    requests: sum.requests + row.requests,
    refused: sum.refused + row.refused,
    failed: sum.failed + row.failed,
    input: sum.input + row.units.input,
    cached: sum.cached + row.units.cached,
    output: sum.output + row.units.output,
    cost: sum.cost + row.cost,
  };
}

export function totalOf(rows: readonly UsageRow[]): Sum {
  return rows.reduce(plus, NOTHING);
}

/** One line a group, the one with the most first. */
export function groupsOf(rows: readonly UsageRow[], measure: MeasureName): Group[] {
  const groups = new Map<string, Sum>();
  for (const row of rows) {
    const name = row.group[0] ?? "";
    groups.set(name, plus(groups.get(name) ?? NOTHING, row));
  }
  return [...groups]
    .map(([name, sum]) => ({ name, ...sum }))
    .sort((a, b) => figureOf(b, measure) - figureOf(a, measure) || a.name.localeCompare(b.name));
}

/** Cost in the currency's own unit. */
export function figureOf(sum: Sum, measure: MeasureName): number {
  if (measure === "cost") return sum.cost / MILLION;
  return measure === "tokens" ? sum.input + sum.output : sum.requests;
}

export function partsOf(rows: readonly UsageRow[], measure: MeasureName, nobody: string): Part[] {
  return rows.map((row) => ({
    at: row.start,
    name: row.group[0] || nobody,
    value: figureOf(plus(NOTHING, row), measure),
  }));
}
