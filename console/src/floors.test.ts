/** What may import what: downward only, and no page reaches into another's folder. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { describe, expect, it } from "vitest";

const SOURCE = import.meta.dirname;
const SHARED = "features/shared";

/** Each floor, and those it may stand on; a floor may always import from itself. */
const FLOORS: Readonly<Record<string, readonly string[]>> = {
  lib: [],
  ui: ["lib"],
  api: ["lib"],
  [SHARED]: ["api", "lib", "ui"],
  feature: [SHARED, "api", "lib", "ui"],
  routes: ["feature", SHARED, "api", "lib", "ui"],
  reference: ["api", "lib", "ui"],
  mocks: ["api", "app", "lib"],
  docs: ["reference", "lib", "ui"],
  app: ["routes", "feature", SHARED, "api", "lib", "ui", "mocks"],
};

interface Import {
  readonly from: string;
  readonly to: string;
}

const files = readdirSync(SOURCE, { recursive: true, encoding: "utf8" }).filter((name) => /\.tsx?$/.test(name));
const imports = files.filter((name) => !/\.test\.tsx?$/.test(name)).flatMap(importsOf);

function importsOf(from: string): Import[] {
  const text = readFileSync(join(SOURCE, from), "utf8");
  const places = [...text.matchAll(/(?:from|import)[\s(]+"((?:~|\.{1,2})\/[^"]+)"/g)].map(([, place]) => place ?? "");
  return places.map((place) => ({ from, to: placeOf(from, place) }));
}

function placeOf(from: string, place: string): string {
  const path = place.startsWith("~/") ? place.slice(2) : resolve("/", dirname(from), place).slice(1);
  return files.find((name) => name.replace(/\.tsx?$/, "") === path) ?? path;
}

function floorOf(path: string): string {
  const [room = "", name] = path.split("/");
  if (room === "features") return path.startsWith(`${SHARED}/`) ? SHARED : "feature";
  if (name !== undefined) return room;
  // The two starting points: the reference stands without the console.
  return room === "docs.ts" ? "docs" : "app";
}

/** The folder of a page: `features/keys`. */
const pageOf = (path: string) => path.split("/").slice(0, 2).join("/");

/** Return the way round through *from* again, if there is one. */
function circleOf(start: string, graph: ReadonlyMap<string, readonly string[]>): string[] | null {
  const walk = (at: string, way: readonly string[], seen: Set<string>): string[] | null => {
    for (const next of graph.get(at) ?? []) {
      if (next === start) return [...way, at, start];
      if (seen.has(next)) continue;
      seen.add(next);
      const found = walk(next, [...way, at], seen);
      if (found) return found;
    }
    return null;
  };
  return walk(start, [], new Set([start]));
}

describe("imports", () => {
  it("are found", () => {
    expect(imports).toContainEqual({ from: "app.tsx", to: "routes/pages.tsx" });
    expect(imports.length).toBeGreaterThan(800);
  });

  it("go down the floors only", () => {
    const wrong = imports.filter(({ from, to }) => {
      const [mine, other] = [floorOf(from), floorOf(to)];
      return mine !== other && !FLOORS[mine]?.includes(other);
    });
    expect(wrong).toEqual([]);
  });

  it("do not go from one page into another: what two share is in features/shared", () => {
    const wrong = imports.filter(
      ({ from, to }) => floorOf(from) === "feature" && floorOf(to) === "feature" && pageOf(from) !== pageOf(to),
    );
    expect(wrong).toEqual([]);
  });

  it("never go round", () => {
    const graph = new Map(files.map((name) => [name, imports.filter(({ from }) => from === name).map(({ to }) => to)]));
    const circles = files.map((name) => circleOf(name, graph)).filter((circle) => circle !== null);
    expect(circles).toEqual([]);
  });
});
