import { describe, expect, it } from "vitest";
import { eventData } from "./sse";

async function read(...chunks: (string | Uint8Array)[]): Promise<string[]> {
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(typeof chunk === "string" ? encoder.encode(chunk) : chunk);
      controller.close();
    },
  });
  const events: string[] = [];
  for await (const data of eventData(body)) events.push(data);
  return events;
}

describe("server-sent events", () => {
  it("are whole however the bytes were cut", async () => {
    expect(await read('data: {"a"', ":1}\n", "\ndata: 2\n\nda", "ta: 3\n\n")).toEqual(['{"a":1}', "2", "3"]);
  });

  it("survive a cut inside a character", async () => {
    const bytes = new TextEncoder().encode("data: 楼\n\n");
    expect(await read(bytes.slice(0, 7), bytes.slice(7))).toEqual(["楼"]);
  });

  it("skip comments, take CRLF, join lines, and give what the last line held", async () => {
    expect(await read(": beat\n\ndata: a\r\ndata: b\r\n\r\n", "data: end")).toEqual(["a\nb", "end"]);
  });

  it("hang up when the reader leaves early", async () => {
    let cancelled = false;
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new TextEncoder().encode("data: 1\n\n")),
      cancel: () => {
        cancelled = true;
      },
    });
    for await (const _ of eventData(body)) break;
    expect(cancelled).toBe(true);
  });

  it("hang up when they are called off", async () => {
    let cancelled = false;
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new TextEncoder().encode("data: 1\n\n")),
      cancel: () => {
        cancelled = true;
      },
    });
    const leaving = new AbortController();
    const events: string[] = [];
    for await (const data of eventData(body, leaving.signal)) {
      events.push(data);
      leaving.abort();
    }
    expect([events, cancelled]).toEqual([["1"], true]);
  });

  it("take one space off what they carry, and no more", async () => {
    expect(await read("data:a\n\ndata:  b\n\ndata:\n\n")).toEqual(["a", " b", ""]);
  });

  it("are none in a body that has none", async () => {
    expect(await read("event: end\nid: 7\n\n", "<html>")).toEqual([]);
  });

  it("tell their reader of a connection that broke", async () => {
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.error(new TypeError("network error")),
    });
    await expect(eventData(body).next()).rejects.toThrow("network error");
  });
});
