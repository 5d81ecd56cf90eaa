/** The OpenAI dialect as the gate speaks it: chat in chunks, and embeddings. */
import { eventData } from "~/lib/sse";
import type { Api } from "./client";
import { ApiError, isRecord } from "./error";

export interface ChatMessage {
  readonly role: "system" | "user" | "assistant";
  readonly content: string;
}

export interface ChatRequest {
  readonly model: string;
  readonly messages: readonly ChatMessage[];
  readonly temperature?: number;
  readonly top_p?: number;
  readonly max_tokens?: number;
  readonly seed?: number;
  readonly stop?: readonly string[];
}

export interface Usage {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
}

export interface ChatChunk {
  readonly text: string;
  readonly finish: string | null;
  readonly usage: Usage | null;
}

/** Stream a chat completion; leaving the loop, or aborting *signal*, ends generation in the house. */
export async function* streamChat(api: Api, request: ChatRequest, signal: AbortSignal): AsyncGenerator<ChatChunk> {
  const body = JSON.stringify({ ...request, stream: true, stream_options: { include_usage: true } });
  const response = await api.send("/v1/chat/completions", { ...json(body), signal });
  if (!response.body) throw new ApiError("the answer came without a body", "no_body", response.status);
  for await (const data of eventData(response.body, signal)) {
    if (data === "[DONE]") return;
    yield chunkOf(JSON.parse(data));
  }
}

function chunkOf(event: unknown): ChatChunk {
  if (!isRecord(event)) throw new ApiError("the stream carried something that is no event", "bad_stream", 200);
  if (isRecord(event.error)) throw new ApiError(String(event.error.message), String(event.error.code), 200);
  const choice: unknown = Array.isArray(event.choices) ? event.choices[0] : undefined;
  const delta = isRecord(choice) && isRecord(choice.delta) ? choice.delta : {};
  return {
    text: typeof delta.content === "string" ? delta.content : "",
    finish: isRecord(choice) && typeof choice.finish_reason === "string" ? choice.finish_reason : null,
    usage: isRecord(event.usage) ? usageOf(event.usage) : null,
  };
}

function usageOf(usage: Record<string, unknown>): Usage {
  return { prompt_tokens: Number(usage.prompt_tokens ?? 0), completion_tokens: Number(usage.completion_tokens ?? 0) };
}

export interface Embedded {
  readonly vectors: readonly (readonly number[])[];
  readonly tokens: number;
}

export async function embed(api: Api, model: string, input: readonly string[]): Promise<Embedded> {
  const body = JSON.stringify({ model, input, encoding_format: "float" });
  const reply = (await (await api.send("/v1/embeddings", json(body))).json()) as {
    data: { embedding: number[]; index: number }[];
    usage?: { prompt_tokens?: number };
  };
  const ordered = reply.data.toSorted((a, b) => a.index - b.index);
  return { vectors: ordered.map((item) => item.embedding), tokens: reply.usage?.prompt_tokens ?? 0 };
}

/** What may be sent as `model`, and to which endpoints: `chat`, `embeddings` and others. */
export interface Answering {
  readonly id: string;
  readonly endpoints: readonly string[];
}

/** Return the models that the key may use. */
export async function listAnswering(api: Api, signal: AbortSignal): Promise<readonly Answering[]> {
  const reply = (await (await api.send("/v1/models", { signal })).json()) as { data: readonly Answering[] };
  return reply.data;
}

function json(body: string): RequestInit {
  return { method: "POST", headers: { "content-type": "application/json" }, body };
}
