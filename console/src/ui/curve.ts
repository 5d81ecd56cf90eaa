/** The geometry of a line through figures that may be missing. */

export type Curve = readonly (number | null)[];
type Point = readonly [place: number, value: number];

export function peak(values: Curve): number {
  return values.reduce<number>((most, value) => Math.max(most, value ?? 0), 0);
}

export function newest(values: Curve): number | null {
  return values.findLast((value) => value !== null) ?? null;
}

const STEPS = [1, 1.5, 2, 3, 4, 5, 6, 8, 10];

/** The next round figure at or above *value*, so that the scale rarely jumps. */
export function ceiling(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  const step = STEPS.find((factor) => factor * power >= value * 0.999) ?? 10;
  return step * power;
}

export function linePath(values: Curve, top: number, width: number, height: number): string {
  const spot = ([place, value]: Point) => `${x(place, values, width)} ${y(value, top, height)}`;
  // A lone figure is a line of no length, which its round ends make a dot.
  return runs(values)
    .map((run) => `M${run.map(spot).join("L")}${run.length === 1 ? "h0" : ""}`)
    .join("");
}

export function areaPath(values: Curve, top: number, width: number, height: number): string {
  return runs(values)
    .map((run) => {
      const line = run.map(([place, value]) => `L${x(place, values, width)} ${y(value, top, height)}`).join("");
      const [first, last] = [run[0]?.[0] ?? 0, run.at(-1)?.[0] ?? 0];
      return `M${x(first, values, width)} ${height}${line}L${x(last, values, width)} ${height}Z`;
    })
    .join("");
}

/** Cut the curve where figures are missing; each run holds places and figures. */
function runs(values: Curve): Point[][] {
  const all: Point[][] = [[]];
  values.forEach((value, place) => {
    if (value === null) all.push([]);
    else all.at(-1)?.push([place, value]);
  });
  return all.filter((run) => run.length > 0);
}

function x(place: number, values: Curve, width: number): number {
  return round((place / Math.max(1, values.length - 1)) * width);
}

function y(value: number, top: number, height: number): number {
  return round(height - (Math.min(value, top) / top) * height);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
