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

/** Stack *parts* over *times*, the largest first; what *whole* has beyond them comes last, as *restName*. */
export function stacked(
  times: readonly number[],
  parts: readonly Part[],
  whole: readonly Part[],
  restName: string,
): Stacked {
  const names = [...new Set(parts.map((part) => part.name))];
  const named = names
    .map((name) =>
      layer(
        name,
        valuesAt(
          times,
          parts.filter((part) => part.name === name),
        ),
        false,
      ),
    )
    .sort((a, b) => b.total - a.total || a.name.localeCompare(b.name));
  const sums = wholes({ times, layers: named });
  // Figures that were asked for a moment apart may cross; then there is nothing beyond.
  const rest = valuesAt(times, whole).map((value, place) => Math.max(0, value - (sums[place] ?? 0)));
  return { times, layers: rest.some((value) => value > 0) ? [...named, layer(restName, rest, true)] : named };
}

function valuesAt(times: readonly number[], parts: readonly Part[]): number[] {
  const sums = new Map<number, number>();
  for (const { at, value } of parts) sums.set(at, (sums.get(at) ?? 0) + value);
  return times.map((time) => sums.get(time) ?? 0);
}

function layer(name: string, values: readonly number[], rest: boolean): Layer {
  return { name, values, rest, total: values.reduce((sum, value) => sum + value, 0) };
}

/** The whole of each bucket. */
export function wholes({ times, layers }: Stacked): number[] {
  return times.map((_, place) => layers.reduce((sum, { values }) => sum + (values[place] ?? 0), 0));
}
