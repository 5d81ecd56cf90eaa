/** A conversation: what was said, how the last answer stands, and what it took. Pure, so that it can be tested. */
import type { ChatChunk, ChatMessage } from "~/api/inference";

export type Outcome = "streaming" | "done" | "cut" | "stopped" | "failed";

export interface Timing {
  readonly firstTokenMs: number;
  readonly tokens: number;
  readonly tokensPerSecond: number | null;
}

export interface Answer {
  readonly text: string;
  readonly outcome: Outcome;
  readonly error: unknown;
  readonly sentAt: number;
  readonly firstAt: number | null;
  readonly lastAt: number | null;
  readonly chunks: number;
  readonly usageTokens: number | null;
}

export interface Turn {
  readonly id: number;
  readonly question: string;
  readonly answer: Answer;
}

export type Event =
  | { readonly type: "asked"; readonly question: string; readonly at: number }
  | { readonly type: "chunk"; readonly chunk: ChatChunk; readonly at: number }
  | { readonly type: "ended"; readonly outcome: "done" | "stopped" }
  | { readonly type: "failed"; readonly error: unknown }
  | { readonly type: "cleared" };

export function conversation(turns: readonly Turn[], event: Event): readonly Turn[] {
  switch (event.type) {
    case "cleared":
      return [];
    case "asked":
      return [...turns, { id: turns.length, question: event.question, answer: unanswered(event.at) }];
    case "chunk":
      return withAnswer(turns, (answer) => grown(answer, event.chunk, event.at));
    case "ended":
      return withAnswer(turns, (answer) => ({ ...answer, outcome: answer.outcome === "cut" ? "cut" : event.outcome }));
    case "failed":
      return withAnswer(turns, (answer) => ({ ...answer, outcome: "failed", error: event.error }));
  }
}

function unanswered(at: number): Answer {
  return {
    text: "",
    outcome: "streaming",
    error: null,
    sentAt: at,
    firstAt: null,
    lastAt: null,
    chunks: 0,
    usageTokens: null,
  };
}

function withAnswer(turns: readonly Turn[], change: (answer: Answer) => Answer): readonly Turn[] {
  const last = turns.at(-1);
  return last ? [...turns.slice(0, -1), { ...last, answer: change(last.answer) }] : turns;
}

function grown(answer: Answer, chunk: ChatChunk, at: number): Answer {
  const said = chunk.text !== "";
  return {
    ...answer,
    text: answer.text + chunk.text,
    outcome: chunk.finish === "length" ? "cut" : answer.outcome,
    firstAt: said ? (answer.firstAt ?? at) : answer.firstAt,
    lastAt: said ? at : answer.lastAt,
    chunks: answer.chunks + (said ? 1 : 0),
    usageTokens: chunk.usage?.completion_tokens ?? answer.usageTokens,
  };
}

/**
 * What the answer took; null before its first token. Tokens are the engine's count, else the chunks that came.
 *
 * The rate is over the whole answer, waiting included: chunks of a fast model arrive many at once, so that the time
 * between the first and the last says nothing about the model.
 */
export function timingOf(answer: Answer): Timing | null {
  if (answer.firstAt === null || answer.lastAt === null) return null;
  const tokens = answer.usageTokens ?? answer.chunks;
  const seconds = (answer.lastAt - answer.sentAt) / 1000;
  return {
    firstTokenMs: answer.firstAt - answer.sentAt,
    tokens,
    tokensPerSecond: seconds > 0 ? tokens / seconds : null,
  };
}

/** The messages so far, and *question* after them; answers that failed are left out with their question. */
export function messagesOf(turns: readonly Turn[], question: string): ChatMessage[] {
  const said = turns
    .filter((turn) => turn.answer.text !== "")
    .flatMap((turn): ChatMessage[] => [
      { role: "user", content: turn.question },
      { role: "assistant", content: turn.answer.text },
    ]);
  return [...said, { role: "user", content: question }];
}
