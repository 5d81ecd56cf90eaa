/** Sums over rows of a report. */
import type { UsageRow } from "~/api/metering";
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

/** One line a group, in the order in which the house tells them. */
export function groupsOf(rows: readonly UsageRow[]): Group[] {
  return rows.map((row) => ({ name: row.group[0] ?? "", ...plus(NOTHING, row) }));
}

/** What *whole* has beyond *parts*; figures that were asked for a moment apart may cross, and then there is nothing. */
export function beyond(whole: Sum, parts: readonly Sum[]): Sum {
  const names = Object.keys(NOTHING) as (keyof Sum)[];
  const left = (name: keyof Sum) =>
    Math.max(
      0,
      parts.reduce((rest, part) => rest - part[name], whole[name]),
    );
  return Object.fromEntries(names.map((name) => [name, left(name)])) as unknown as Sum;
}

/** Whole numbers, so that differences are exact: cost in millionths. */
export function figureOf(sum: Sum, measure: MeasureName): number {
  if (measure === "cost") return sum.cost;
  return measure === "tokens" ? sum.input + sum.output : sum.requests;
}

export function partsOf(rows: readonly UsageRow[], measure: MeasureName, name: (group: string) => string): Part[] {
  return rows.map((row) => ({
    at: row.start,
    name: name(row.group[0] ?? ""),
    value: figureOf(plus(NOTHING, row), measure),
  }));
}
