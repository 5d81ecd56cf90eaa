/** What is asked of a model besides the words, as typed into the form, and as a request carries it. */
import type { ChatMessage, ChatRequest } from "~/api/inference";

export interface Parameters {
  readonly system: string;
  readonly temperature: number;
  readonly topP: number;
  readonly maxTokens: string;
  readonly seed: string;
  readonly stop: string;
}

export const DEFAULTS: Parameters = { system: "", temperature: 0.2, topP: 1, maxTokens: "512", seed: "", stop: "" };

export function requestOf(model: string, parameters: Parameters, turns: readonly ChatMessage[]): ChatRequest {
  const system = parameters.system.trim();
  const stop = parameters.stop.split("\n").filter((line) => line !== "");
  const maxTokens = whole(parameters.maxTokens);
  const seed = whole(parameters.seed);
  return {
    model,
    messages: [...(system ? [{ role: "system" as const, content: system }] : []), ...turns],
    temperature: parameters.temperature,
    top_p: parameters.topP,
    ...(maxTokens !== null && { max_tokens: maxTokens }),
    ...(seed !== null && { seed }),
    ...(stop.length > 0 && { stop }),
  };
}

function whole(text: string): number | null {
  const value = Number.parseInt(text, 10);
  return Number.isNaN(value) ? null : value;
}
