/** What came back: the text as it comes, bounded, and JSON made fit to read. */
import { pretty } from "~/lib/pretty";

/** So much of an answer is shown: a page is no place for an export. */
export const MOST_CHARACTERS = 200_000;

export interface Reply {
  readonly status: number;
  readonly took: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly text: string;
  readonly cut: boolean;
}

export interface Reading {
  /** When it was asked, as `performance.now()` says it. */
  readonly began: number;
  /** Ends the reading, and the connection with it. */
  readonly signal: AbortSignal;
  /** Hears of each piece. */
  readonly tell: (reply: Reply) => void;
}

/** Read an answer; what is beyond the bound is not read, and who stops it gets the signal's reason thrown. */
export async function replyOf(response: Response, { began, signal, tell }: Reading): Promise<Reply> {
  const headers = [...response.headers].filter(([name]) => /^(x-|content-type|retry-after|etag|location)/.test(name));
  const reply = (text: string): Reply => ({
    status: response.status,
    took: Math.round(performance.now() - began),
    headers,
    text: text.slice(0, MOST_CHARACTERS),
    cut: text.length > MOST_CHARACTERS,
  });
  let text = "";
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  const leave = () => void reader?.cancel();
  signal.addEventListener("abort", leave, { once: true });
  while (reader) {
    const { done, value } = await reader.read();
    if (done) break;
    text += value;
    if (text.length > MOST_CHARACTERS) {
      await reader.cancel();
      break;
    }
    tell(reply(text));
  }
  signal.removeEventListener("abort", leave);
  signal.throwIfAborted();
  const json = response.headers.get("content-type")?.includes("json");
  return reply(json && text.length <= MOST_CHARACTERS ? pretty(text) : text);
}
