/** Where in a text the house found something wrong: it says `line 3, column 7` in its words. */

export interface Place {
  readonly line: number;
  readonly column: number;
}

const SAID = /line (\d+),? column (\d+)/gi;

export function placesOf(error: unknown): Place[] {
  if (!(error instanceof Error)) return [];
  const found = [...error.message.matchAll(SAID)].map(([, line, column]) => ({
    line: Number(line),
    column: Number(column),
  }));
  const seen = new Set<string>();
  return found.filter(({ line, column }) => {
    const place = `${line}:${column}`;
    return seen.has(place) ? false : seen.add(place);
  });
}
