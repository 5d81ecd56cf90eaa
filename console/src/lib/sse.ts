/** Server-sent events of a fetch body: the `data` of each event, whole, however the bytes were cut. */

/** Yield until the body ends, the reader leaves, or *signal* aborts; each of them hangs up. */
export async function* eventData(body: ReadableStream<Uint8Array>, signal?: AbortSignal): AsyncGenerator<string> {
  const reader = body.getReader();
  // Not awaited: a body that is read elsewhere too settles only when all its readers have left.
  const hangUp = () => void reader.cancel().catch(() => undefined);
  signal?.addEventListener("abort", hangUp);
  const decoder = new TextDecoder();
  let rest = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      rest += done ? decoder.decode() : decoder.decode(value, { stream: true });
      const events = rest.split(/\r?\n\r?\n/);
      rest = done ? "" : (events.pop() ?? "");
      for (const event of events) {
        const data = dataOf(event);
        if (data !== null) yield data;
      }
      if (done) return;
    }
  } finally {
    signal?.removeEventListener("abort", hangUp);
    hangUp();
  }
}

function dataOf(event: string): string | null {
  const lines = event.split(/\r?\n/).filter((line) => line.startsWith("data:"));
  return lines.length === 0 ? null : lines.map((line) => line.slice(5).replace(/^ /, "")).join("\n");
}
