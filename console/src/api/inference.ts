/** The OpenAI dialect as the gate speaks it: chat in chunks, and embeddings. */

import { ApiError, isRecord } from "~/lib/error";
import { eventData } from "~/lib/sse";
import { type Api, dataOf } from "./client";
import type { Schemas } from "./types";

export type ChatMessage = {
  readonly role: "system" | "user" | "assistant";
  readonly content: string;
};

type Parameter = "temperature" | "top_p" | "max_tokens" | "seed" | "stop";
export type ChatRequest = Pick<Schemas["ChatRequest"], "model" | Parameter> & {
  readonly messages: readonly ChatMessage[];
};

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
  const body = { ...request, messages: [...request.messages], stream: true, stream_options: { include_usage: true } };
  const { response } = await api.POST("/v1/chat/completions", { body, signal, parseAs: "stream" });
  if (!response.body) throw new ApiError("the answer came without a body", "no_body", response.status);
  for await (const event of eventData(response.body, signal)) {
    if (event === "[DONE]") return;
    yield chunkOf(JSON.parse(event));
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
  const body = { model, input: [...input], encoding_format: "float" };
  const { data, usage } = await dataOf(api.POST("/v1/embeddings", { body }));
  const ordered = data.toSorted((a, b) => a.index - b.index);
  return { vectors: ordered.map(({ embedding }) => numbersOf(embedding)), tokens: usage.prompt_tokens };
}

/** Floats were asked for; a text would be base64. */
function numbersOf(embedding: Schemas["Embedding"]["embedding"]): readonly number[] {
  if (typeof embedding === "string") throw new ApiError("the vectors came in base64", "bad_answer", 200);
  return embedding;
}

/** What may be sent as `model`, and to which endpoints: `chat`, `embeddings` and others. */
export type Answering = Schemas["ServedModel"];

/** Return the models that the key may use. */
export async function listAnswering(api: Api, signal: AbortSignal): Promise<readonly Answering[]> {
  const reply = await dataOf(api.GET("/v1/models", { signal }));
  // Anthropic's shape is for clients that name its version.
  return "object" in reply ? reply.data : [];
}
