// The Vercel AI SDK, by one of its providers.

import { generateText, jsonSchema, Output, stepCountIs, streamText, tool } from "ai";
import * as harness from "./harness.mjs";

const named = (error) => error.lastError?.name ?? error.name;
const withStatus = (error) => `${named(error)} ${error.lastError?.statusCode ?? error.statusCode}`;

function toolbox(withAnswers) {
  const answer = (name) => (withAnswers ? { execute: async (given) => harness.result(name, given) } : {});
  return {
    get_weather: tool({ inputSchema: jsonSchema(harness.WEATHER), ...answer("get_weather") }),
    now: tool({ description: "The time.", inputSchema: jsonSchema(harness.NOTHING), ...answer("now") }),
  };
}

const callsOf = (step) => step.toolCalls.map((call) => [call.toolName, call.input]);

// `languageModel` makes a model by its name, for a house's key; `options` are those by which this provider is asked to think.
export async function run(languageModel, options, others = {}) {
  const asked = (model, more = {}) => ({ model: languageModel(model, harness.KEY), maxRetries: 0, ...more });
  const ask = (model, prompt, more = {}) => generateText(asked(model, { prompt, ...more }));

  async function loop(model, prompt, more = {}) {
    const tools = toolbox(true);
    const { steps, text } = await ask(model, prompt, { tools, stopWhen: stepCountIs(2), ...more });
    return { calls: callsOf(steps[0]), text };
  }

  async function streamedCalls(model, prompt) {
    const tools = toolbox(false);
    const stream = streamText(asked(model, { prompt, tools }));
    return callsOf({ toolCalls: await stream.toolCalls });
  }

  const counts = (told) => [
    told.inputTokens,
    told.inputTokenDetails?.cacheReadTokens ?? told.cachedInputTokens,
    told.outputTokens,
  ];

  await harness.run({
    chat: async (model) => ({ text: (await ask(model, harness.HELLO)).text }),
    stream: async (model) => {
      const { textStream } = streamText(asked(model, { prompt: harness.HELLO }));
      return harness.streamed(await harness.gathered(textStream, (piece) => piece));
    },
    tools: async (model) => ({
      ...(await loop(model, harness.TWO_CITIES)),
      streamed: await streamedCalls(model, harness.TWO_CITIES),
    }),
    forced: async (model) => {
      const toolChoice = { type: "tool", toolName: "get_weather" };
      return { calls: callsOf(await ask(model, harness.HELLO, { tools: toolbox(false), toolChoice })) };
    },
    no_arguments: async (model) => ({
      ...(await loop(model, harness.CLOCK)),
      streamed: await streamedCalls(model, harness.CLOCK),
    }),
    structured: async (model) => {
      const output = Output.object({ schema: jsonSchema(harness.PLACE) });
      return { value: (await ask(model, harness.HELLO, { output })).output };
    },
    images: async (model) => {
      const picture = { type: "file", mediaType: "image/png", data: harness.PICTURE_DATA };
      const content = [{ type: "text", text: "What is this?" }, picture];
      return { text: (await generateText(asked(model, { messages: [{ role: "user", content }] }))).text };
    },
    reasoning: async (model) => ({
      text: (await loop(model, harness.THINK, { providerOptions: options })).text,
    }),
    usage: async (model) => ({
      whole: counts((await ask(model, harness.HELLO)).usage),
      streamed: counts(await streamText(asked(model, { prompt: harness.HELLO })).usage),
    }),
    cancel: async (model) => {
      const leaving = new AbortController();
      const prompt = `@slow ${harness.tag(model)}`;
      const { textStream } = streamText(asked(model, { prompt, abortSignal: leaving.signal, onError: () => {} }));
      for await (const _ of textStream) break;
      leaving.abort();
      return { left: harness.tag(model) };
    },
    ...others,
    errors: async (model) => {
      const stranger = languageModel(model, "sk-nobody");
      return {
        key: await harness.failure(() => generateText({ model: stranger, prompt: "x", maxRetries: 0 }), withStatus),
        model: await harness.failure(() => ask("ghost", "x"), withStatus),
        request: await harness.failure(() => ask(model, "@fail 400"), withStatus),
        limit: await harness.failure(() => ask(model, "@fail 429"), withStatus),
      };
    },
  });
}
