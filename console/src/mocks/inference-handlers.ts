/** The gate of the pretended house: it streams as the real one does. */
import { delay, HttpResponse, http } from "msw";
import type { FakeHouse } from "./house";

/** Slow enough to be seen in a browser; tests set it to 0. */
export const pace = { ms: 24 };

export function inferenceHandlers(house: FakeHouse) {
  return [
    http.get("*/v1/models", () =>
      HttpResponse.json({
        object: "list",
        data: house.deployments.map((item) => ({
          id: item.spec.name,
          object: "model",
          endpoints: [item.task === "embedding" ? "embeddings" : "chat"],
        })),
      }),
    ),
    http.post(
      "*/v1/chat/completions",
      ({ request }) =>
        new HttpResponse(stream(house.answer, request.signal), { headers: { "content-type": "text/event-stream" } }),
    ),
    http.post<never, { input: string[] }>("*/v1/embeddings", async ({ request }) => {
      const { input } = await request.json();
      const data = input.map((text, index) => ({ index, object: "embedding", embedding: vector(text) }));
      return HttpResponse.json({ object: "list", data, usage: { prompt_tokens: 12, total_tokens: 12 } });
    }),
  ];
}

function stream(answer: readonly string[], signal: AbortSignal): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const event = (data: object) => encoder.encode(`data: ${JSON.stringify(data)}\n\n`);
  return new ReadableStream({
    async start(controller) {
      for (const content of answer) {
        if (signal.aborted) return;
        controller.enqueue(event({ choices: [{ index: 0, delta: { content }, finish_reason: null }] }));
        if (pace.ms > 0) await delay(pace.ms);
      }
      controller.enqueue(event({ choices: [{ index: 0, delta: {}, finish_reason: "stop" }] }));
      controller.enqueue(event({ choices: [], usage: { prompt_tokens: 9, completion_tokens: answer.length } }));
      controller.enqueue(encoder.encode("data: [DONE]\n\n"));
      controller.close();
    },
  });
}

/** Letter counts: near for texts with the same letters, which is enough to show the table. */
function vector(text: string): number[] {
  const counts = new Array<number>(26).fill(0.01);
  for (const letter of text.toLowerCase()) {
    const place = letter.codePointAt(0) ?? 0;
    counts[place % 26] = (counts[place % 26] ?? 0) + 1;
  }
  return counts;
}
