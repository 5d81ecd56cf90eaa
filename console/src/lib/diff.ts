/** How two texts differ, line by line, as a reader of patches expects it. */

export interface DiffLine {
  readonly kind: "same" | "gone" | "new" | "skip";
  readonly text: string;
  /** The line's number in the old text, and in the new one. */
  readonly before: number | null;
  readonly after: number | null;
}

/** Above this many changed lines against changed lines, both sides are shown whole: a table of all pairs grows too large. */
const LARGEST = 4_000_000;
const CONTEXT = 3;

export function diffLines(before: string, after: string): DiffLine[] {
  const [old, fresh] = [before.split("\n"), after.split("\n")];
  let head = 0;
  while (head < Math.min(old.length, fresh.length) && old[head] === fresh[head]) head += 1;
  let tail = 0;
  while (tail < Math.min(old.length, fresh.length) - head && old.at(-1 - tail) === fresh.at(-1 - tail)) tail += 1;
  const kinds: ("same" | "gone" | "new")[] = [
    ...Array<"same">(head).fill("same"),
    ...middle(old.slice(head, old.length - tail), fresh.slice(head, fresh.length - tail)),
    ...Array<"same">(tail).fill("same"),
  ];
  return numbered(kinds, old, fresh);
}

function middle(old: readonly string[], fresh: readonly string[]): ("same" | "gone" | "new")[] {
  if (old.length * fresh.length > LARGEST) {
    return [...Array<"gone">(old.length).fill("gone"), ...Array<"new">(fresh.length).fill("new")];
  }
  const common = longest(old, fresh);
  const width = fresh.length + 1;
  const kinds: ("same" | "gone" | "new")[] = [];
  let [i, j] = [0, 0];
  while (i < old.length || j < fresh.length) {
    if (i < old.length && j < fresh.length && old[i] === fresh[j]) {
      kinds.push("same");
      [i, j] = [i + 1, j + 1];
    } else if (
      j >= fresh.length ||
      (i < old.length && at(common, (i + 1) * width + j) >= at(common, i * width + j + 1))
    ) {
      kinds.push("gone");
      i += 1;
    } else {
      kinds.push("new");
      j += 1;
    }
  }
  return kinds;
}

/** Lengths of the longest common run of lines from each pair of places to the ends. */
function longest(old: readonly string[], fresh: readonly string[]): Uint32Array {
  const width = fresh.length + 1;
  const table = new Uint32Array((old.length + 1) * width);
  for (let i = old.length - 1; i >= 0; i -= 1) {
    for (let j = fresh.length - 1; j >= 0; j -= 1) {
      const same = old[i] === fresh[j];
      table[i * width + j] = same
        ? at(table, (i + 1) * width + j + 1) + 1
        : Math.max(at(table, (i + 1) * width + j), at(table, i * width + j + 1));
    }
  }
  return table;
}

function at(table: Uint32Array, place: number): number {
  return table[place] ?? 0;
}

function numbered(kinds: readonly ("same" | "gone" | "new")[], old: readonly string[], fresh: readonly string[]) {
  let [i, j] = [0, 0];
  return kinds.map((kind): DiffLine => {
    const text = (kind === "new" ? fresh[j] : old[i]) ?? "";
    const line = { kind, text, before: kind === "new" ? null : i + 1, after: kind === "gone" ? null : j + 1 };
    if (kind !== "new") i += 1;
    if (kind !== "gone") j += 1;
    return line;
  });
}

/** Keep a few lines around each change; runs that are left out become one line that says how many. */
export function folded(lines: readonly DiffLine[]): DiffLine[] {
  const near = lines.map((_, place) =>
    lines.slice(Math.max(0, place - CONTEXT), place + CONTEXT + 1).some(({ kind }) => kind !== "same"),
  );
  const out: DiffLine[] = [];
  let left = 0;
  const skip = () => {
    if (left > 0) out.push({ kind: "skip", text: String(left), before: null, after: null });
    left = 0;
  };
  lines.forEach((line, place) => {
    if (!near[place]) {
      left += 1;
      return;
    }
    skip();
    out.push(line);
  });
  skip();
  return out;
}
