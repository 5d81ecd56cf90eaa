/** Asks, streams the answer in, and can stop it; leaving the page stops it too. */
import { useCallback, useEffect, useReducer, useRef } from "react";
import { useApi } from "~/api/context";
import { streamChat } from "~/api/inference";
import { type Parameters, requestOf } from "./parameters";
import { conversation, messagesOf, type Turn } from "./turns";

interface Conversation {
  readonly turns: readonly Turn[];
  readonly streaming: boolean;
  readonly ask: (question: string) => Promise<void>;
  readonly stop: () => void;
  readonly clear: () => void;
}

export function useChat(model: string, parameters: Parameters): Conversation {
  const api = useApi();
  const [turns, tell] = useReducer(conversation, []);
  const running = useRef<AbortController>(undefined);
  const stop = useCallback(() => running.current?.abort(), []);
  useEffect(() => stop, [stop]);

  const ask = async (question: string) => {
    const request = requestOf(model, parameters, messagesOf(turns, question));
    const controller = new AbortController();
    running.current = controller;
    tell({ type: "asked", question, at: performance.now() });
    try {
      for await (const chunk of streamChat(api, request, controller.signal)) {
        tell({ type: "chunk", chunk, at: performance.now() });
      }
      tell({ type: "ended", outcome: controller.signal.aborted ? "stopped" : "done" });
    } catch (error) {
      tell(controller.signal.aborted ? { type: "ended", outcome: "stopped" } : { type: "failed", error });
    }
  };

  return {
    turns,
    streaming: turns.at(-1)?.answer.outcome === "streaming",
    ask,
    stop,
    clear: () => {
      stop();
      tell({ type: "cleared" });
    },
  };
}
