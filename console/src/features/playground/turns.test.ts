import { describe, expect, it } from "vitest";
import type { ChatChunk } from "~/api/inference";
import { cosine } from "./similarity";
import { curlOf, pythonOf } from "./snippets";
import { conversation, type Event, messagesOf, type Turn, timingOf } from "./turns";

const play = (...events: Event[]) => events.reduce<readonly Turn[]>(conversation, []);
const chunk = (text: string, at: number, rest: Partial<ChatChunk> = {}): Event => ({
  type: "chunk",
  chunk: { text, finish: null, usage: null, ...rest },
  at,
});
const asked: Event = { type: "asked", question: "Hi", at: 1000 };

describe("a conversation", () => {
  it("measures from asking to the first token, and tokens over the whole answer", () => {
    const usage = { prompt_tokens: 3, completion_tokens: 11 };
    const [turn] = play(asked, chunk("", 1050), chunk("Hel", 1100), chunk("lo", 2100), chunk("", 2150, { usage }));
    expect(turn && timingOf(turn.answer)).toEqual({ firstTokenMs: 100, tokens: 11, tokensPerSecond: 10 });
  });

  it("has no timing before the first token", () => {
    const [turn] = play(asked);
    expect(turn && timingOf(turn.answer)).toBeNull();
  });

  it("says when an answer was cut off, even after its regular end", () => {
    const [turn] = play(asked, chunk("a", 1, { finish: "length" }), { type: "ended", outcome: "done" });
    expect(turn?.answer.outcome).toBe("cut");
  });

  it("leaves what failed without a word out of the next request", () => {
    const turns = play(
      asked,
      { type: "failed", error: new Error("x") },
      { ...asked, question: "Again" },
      chunk("Yes", 2),
    );
    expect(messagesOf(turns, "More").map((message) => message.content)).toEqual(["Again", "Yes", "More"]);
  });

  it("starts anew when cleared", () => {
    expect(play(asked, { type: "cleared" })).toEqual([]);
  });
});

describe("snippets", () => {
  const request = { model: "m", messages: [{ role: "user", content: "It's" }], temperature: 0.5 } as const;

  it("quote the body for a shell", () => {
    expect(curlOf("http://h", request)).toContain("It'\\''s");
  });

  it("are valid keyword arguments in Python", () => {
    expect(pythonOf("http://h", request)).toContain("    temperature=0.5,\n    stream=True,");
  });
});

describe("cosine similarity", () => {
  it("is 1 for the same direction, 0 for none in common, and 0 for a vector without length", () => {
    expect(cosine([1, 2], [2, 4])).toBeCloseTo(1);
    expect(cosine([1, 0], [0, 1])).toBe(0);
    expect(cosine([0, 0], [1, 1])).toBe(0);
  });
});
