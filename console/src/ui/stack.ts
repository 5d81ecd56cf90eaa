/** Sums in time, stacked by group: what a chart and its words are made of. */

export interface Stacked {
  /** The start of each bucket, in Unix seconds. */
  readonly times: readonly number[];
  readonly layers: readonly Layer[];
}

export interface Layer {
  readonly name: string;
  readonly values: readonly number[];
  readonly total: number;
  /** The rest of many small ones. */
  readonly rest: boolean;
}

export interface Part {
  readonly at: number;
  readonly name: string;
  readonly value: number;
}

/** Stack *parts* over *times*: the largest *most* groups by themselves, all others as one. */
export function stacked(times: readonly number[], parts: readonly Part[], most: number, restName: string): Stacked {
  const totals = new Map<string, number>();
  for (const part of parts) totals.set(part.name, (totals.get(part.name) ?? 0) + part.value);
  const ranked = [...totals].sort(([a, x], [b, y]) => y - x || a.localeCompare(b)).map(([name]) => name);
  const alone = new Set(ranked.length > most ? ranked.slice(0, most - 1) : ranked);
  const place = new Map(times.map((time, index) => [time, index]));
  const sums = new Map<string, number[]>();
  for (const part of parts) {
    const at = place.get(part.at);
    if (at === undefined) continue;
    const name = alone.has(part.name) ? part.name : restName;
    const values = sums.get(name) ?? times.map(() => 0);
    values[at] = (values[at] ?? 0) + part.value;
    sums.set(name, values);
  }
  const names = [...ranked.filter((name) => alone.has(name)), ...(ranked.length > alone.size ? [restName] : [])];
  const layers = names.map((name) => layer(name, sums.get(name) ?? times.map(() => 0), !alone.has(name)));
  return { times, layers };
}

function layer(name: string, values: readonly number[], rest: boolean): Layer {
  return { name, values, rest, total: values.reduce((sum, value) => sum + value, 0) };
}

/** The whole of each bucket. */
export function wholes({ times, layers }: Stacked): number[] {
  return times.map((_, place) => layers.reduce((sum, { values }) => sum + (values[place] ?? 0), 0));
}
