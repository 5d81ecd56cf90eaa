import { describe, expect, it } from "vitest";
import { deeper, questionOf, searchOf } from "./question";
import { beyond, figureOf, groupsOf, partsOf, totalOf } from "./sums";

type Row = Parameters<typeof totalOf>[0][number];

/** A row with the figures that sums are made of. */
function row(
  group: string,
  part: Partial<Omit<Row, "group" | "units">> & { input?: number; output?: number } = {},
): Row {
  const { input = 0, output = 0, ...rest } = part;
  const units = { input, output, cached: 1 } as Row["units"];
  return { start: 0, requests: 1, refused: 0, failed: 0, cost: 0, ...rest, group: [group], units } as Row;
}

describe("sums of usage", () => {
  const rows = [row("a", { input: 10, output: 5, cost: 300 }), row("b", { requests: 4, failed: 2, cost: 7 })];

  it("are those of all rows", () => {
    expect(totalOf(rows)).toEqual({ requests: 5, refused: 0, failed: 2, input: 10, cached: 2, output: 5, cost: 307 });
    expect(totalOf([]).requests).toBe(0);
  });

  it("by group keep the order of the house", () => {
    expect(groupsOf(rows).map(({ name, cost }) => [name, cost])).toEqual([
      ["a", 300],
      ["b", 7],
    ]);
    expect(groupsOf([{ ...row("x"), group: [] }])[0]?.name).toBe("");
  });

  it("leave to the rest what no part has, and never less than nothing", () => {
    const whole = totalOf(rows);
    expect(beyond(whole, groupsOf(rows.slice(0, 1)))).toMatchObject({ requests: 4, cost: 7, input: 0 });
    expect(beyond(whole, [...groupsOf(rows), ...groupsOf(rows)]).cost).toBe(0);
  });

  it("are drawn as money, tokens or requests", () => {
    const sum = totalOf(rows);
    expect([figureOf(sum, "cost"), figureOf(sum, "tokens"), figureOf(sum, "requests")]).toEqual([307, 15, 5]);
  });

  it("are drawn by the names that people know", () => {
    const parts = partsOf([row("a", { start: 60, cost: 2 })], "cost", (name) => `the ${name}`);
    expect(parts).toEqual([{ at: 60, name: "the a", value: 2 }]);
  });
});

describe("the question of a report", () => {
  it("is nothing in the address where it is the usual one", () => {
    expect(searchOf(questionOf(new URLSearchParams()))).toEqual({ span: "week", by: "model" });
  });

  it("filters by what the house knows, and by nothing else", () => {
    const { filters } = questionOf(new URLSearchParams("project=a&colour=red&key="));
    expect(filters).toEqual({ project: "a", key: "" });
  });

  it("goes deeper until there is nothing left to fix", () => {
    expect(deeper("tenant", { tenant: "t" })).toBe("project");
    expect(deeper("principal", { principal: "p" })).toBe("tenant");
    const all = Object.fromEntries(
      ["tenant", "project", "key", "model", "served_by", "provider", "endpoint", "principal"].map((name) => [
        name,
        "x",
      ]),
    );
    expect(deeper("model", all)).toBe("model");
  });
});
