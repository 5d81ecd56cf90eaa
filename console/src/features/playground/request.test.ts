import { describe, expect, it } from "vitest";
import { DEFAULTS, requestOf } from "./parameters";
import { cosine } from "./similarity";
import { curlOf, pythonOf } from "./snippets";
import { conversation, messagesOf, type Turn, timingOf } from "./turns";

const ASK = { role: "user", content: "Why?" } as const;

describe("a request of the playground", () => {
  it("has what was typed and nothing else", () => {
    expect(requestOf("demo", DEFAULTS, [ASK])).toEqual({
      model: "demo",
      messages: [ASK],
      temperature: 0.2,
      top_p: 1,
      max_tokens: 512,
    });
  });

  it("begins with the words for the system, if there are any", () => {
    const { messages } = requestOf("demo", { ...DEFAULTS, system: "  Be brief. " }, [ASK]);
    expect(messages).toEqual([{ role: "system", content: "Be brief." }, ASK]);
    expect(requestOf("demo", { ...DEFAULTS, system: " \n " }, [ASK]).messages).toEqual([ASK]);
  });

  it("stops at each line, and not at one that is empty", () => {
    expect(requestOf("demo", { ...DEFAULTS, stop: "END\n\n;" }, [ASK]).stop).toEqual(["END", ";"]);
    expect(requestOf("demo", DEFAULTS, [ASK])).not.toHaveProperty("stop");
  });

  it.each([
    ["7", 7],
    ["0", 0],
    ["12 and more", 12],
  ])("takes %s for a seed", (seed, expected) => {
    expect(requestOf("demo", { ...DEFAULTS, seed }, [ASK]).seed).toBe(expected);
  });

  it.each(["", "many", " "])("leaves a number out that is none: %j", (typed) => {
    const asked = requestOf("demo", { ...DEFAULTS, seed: typed, maxTokens: typed }, [ASK]);
    expect(asked).not.toHaveProperty("seed");
    expect(asked).not.toHaveProperty("max_tokens");
  });
});

describe("a request written out", () => {
  const request = requestOf("demo", { ...DEFAULTS, stop: "END" }, [{ role: "user", content: `it's "so"` }]);

  it("for a shell names the key, and ends no quote early", () => {
    const written = curlOf("https://house.test", request);
    expect(written).toContain("https://house.test/v1/chat/completions");
    expect(written).toContain("$TULOU_API_KEY");
    expect(written).toContain(String.raw`it'\''s \"so\"`);
    const body = written.slice(written.indexOf("-d '") + 4, -1).replaceAll(String.raw`'\''`, "'");
    expect(JSON.parse(body)).toEqual({ ...request, stream: true });
  });

  it("for Python asks the same", () => {
    const written = pythonOf("https://house.test", request);
    expect(written).toContain('base_url="https://house.test/v1"');
    expect(written).toContain('os.environ["TULOU_API_KEY"]');
    expect(written).toContain('    stop=["END"],');
    expect(written).toContain("    temperature=0.2,");
    expect(written).toContain(String.raw`{"role":"user","content":"it's \"so\""}`);
  });
});

describe("a conversation", () => {
  const chunk = (text: string, more: object = {}) => ({ text, finish: null, usage: null, ...more });
  const play = (...events: Parameters<typeof conversation>[1][]) => events.reduce<readonly Turn[]>(conversation, []);
  const asked = (question: string, at = 0) => ({ type: "asked", question, at }) as const;
  const said = (text: string, at: number, more: object = {}) =>
    ({ type: "chunk", chunk: chunk(text, more), at }) as const;

  it("grows with its chunks, and takes time from its first word on", () => {
    const [turn] = play(asked("Why?", 1000), said("", 1100), said("Be", 1200), said("cause.", 1400));
    expect(turn?.answer).toMatchObject({ text: "Because.", outcome: "streaming", chunks: 2 });
    expect(turn && timingOf(turn.answer)).toEqual({ firstTokenMs: 200, tokens: 2, tokensPerSecond: 5 });
  });

  it("believes the engine's count of tokens over that of chunks", () => {
    const [turn] = play(asked("Why?"), said("Because.", 500, { usage: { completion_tokens: 30 } }));
    expect(turn && timingOf(turn.answer)?.tokens).toBe(30);
  });

  it("has no time before the first word", () => {
    const [turn] = play(asked("Why?"), said("", 100));
    expect(turn && timingOf(turn.answer)).toBeNull();
  });

  it("says of an answer that was cut off that it was, also once it has ended", () => {
    const [turn] = play(asked("Why?"), said("Be", 1, { finish: "length" }), { type: "ended", outcome: "done" });
    expect(turn?.answer.outcome).toBe("cut");
  });

  it("goes on without what failed, which the model did not say", () => {
    const turns = play(asked("One?"), said("1", 1), { type: "ended", outcome: "done" }, asked("Two?"), {
      type: "failed",
      error: new Error("no"),
    });
    expect(turns.map(({ answer }) => answer.outcome)).toEqual(["done", "failed"]);
    expect(messagesOf(turns, "Three?")).toEqual([
      { role: "user", content: "One?" },
      { role: "assistant", content: "1" },
      { role: "user", content: "Three?" },
    ]);
  });

  it("keeps what was said before it was stopped", () => {
    const turns = play(asked("One?"), said("half", 1), { type: "ended", outcome: "stopped" });
    expect(messagesOf(turns, "And?")[1]).toEqual({ role: "assistant", content: "half" });
  });

  it("forgets all of it at a word, and hears nothing before a question", () => {
    expect(play(asked("One?"), said("1", 1), { type: "cleared" })).toEqual([]);
    expect(play(said("late", 1), { type: "ended", outcome: "done" })).toEqual([]);
  });
});

describe("similarity", () => {
  it("is that of directions, whatever the lengths", () => {
    expect(cosine([3, 4], [6, 8])).toBeCloseTo(1);
    expect(cosine([1, 0], [0, 5])).toBe(0);
    expect(cosine([1, 2], [-1, -2])).toBeCloseTo(-1);
  });

  it("to nothing is none", () => {
    expect(cosine([0, 0], [1, 2])).toBe(0);
    expect(cosine([], [])).toBe(0);
  });
});
