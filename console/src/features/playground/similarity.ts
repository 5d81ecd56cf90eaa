/** How near vectors point to one another. */
type Vector = readonly number[];

/** Cosine similarity of *a* and *b*, from -1 to 1; 0 where one has no length. */
export function cosine(a: Vector, b: Vector): number {
  const lengths = Math.sqrt(dot(a, a) * dot(b, b));
  return lengths === 0 ? 0 : dot(a, b) / lengths;
}

function dot(a: Vector, b: Vector): number {
  return a.reduce((sum, value, place) => sum + value * (b[place] ?? 0), 0);
}
