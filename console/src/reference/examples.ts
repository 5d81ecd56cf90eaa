/** Examples of a body or of an answer, as texts. */
import type { Media } from "./document";
import { sampleOf } from "./schema";
import type { Told } from "./shown";

/** Return each with what it shows; where the document has none, one is made from the shape. */
export function examplesOf({ document, say }: Told, media: Media, all = false): (readonly [string, string])[] {
  const written = Object.entries(media.examples ?? {});
  if (written.length > 0) return written.map(([name, { summary, value }]) => [summary ?? name, textOf(value)] as const);
  if (media.example !== undefined) return [[say("example"), textOf(media.example)]];
  return media.schema ? [[say("example"), textOf(sampleOf(document, media.schema, all))]] : [];
}

const textOf = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value, null, 2));
