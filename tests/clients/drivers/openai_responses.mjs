// The official OpenAI client for JavaScript, by responses.

import OpenAI from "openai";
import * as harness from "./harness.mjs";

const client = new OpenAI({ baseURL: `${harness.URL}/v1`, apiKey: harness.KEY, maxRetries: 0 });
const tools = [
  { type: "function", name: "get_weather", parameters: harness.WEATHER, strict: true },
  { type: "function", name: "now", description: "The time.", parameters: harness.NOTHING, strict: false },
];
const customTools = [{ type: "custom", name: "apply_patch", description: "Edits files." }, { type: "web_search" }];
const user = (content) => ({ role: "user", content });
const ask = (model, input, more = {}) => client.responses.create({ model, input, ...more });

function callsOf(response) {
  const calls = response.output.filter((item) => item.type.endsWith("_call"));
  return calls.map((item) => [item.name, item.type === "custom_tool_call" ? item.input : JSON.parse(item.arguments)]);
}

function resultsOf(response) {
  const calls = response.output.filter((item) => item.type.endsWith("_call"));
  return calls.map((item) =>
    item.type === "custom_tool_call"
      ? { type: "custom_tool_call_output", call_id: item.call_id, output: "done" }
      : {
          type: "function_call_output",
          call_id: item.call_id,
          output: harness.result(item.name, JSON.parse(item.arguments)),
        },
  );
}

async function loop(model, text, more = { tools }) {
  const first = await ask(model, [user(text)], { store: false, ...more });
  const last = await ask(model, [user(text), ...first.output, ...resultsOf(first)], { store: false, ...more });
  return { calls: callsOf(first), text: last.output_text };
}

async function streamedCalls(model, text) {
  return callsOf(await client.responses.stream({ model, input: text, tools }).finalResponse());
}

const counts = (told) => [told.input_tokens, told.input_tokens_details.cached_tokens, told.output_tokens];

await harness.run({
  chat: async (model) => ({ text: (await ask(model, harness.HELLO)).output_text }),
  stream: async (model) => {
    const events = await ask(model, harness.HELLO, { stream: true });
    const words = (event) => event.type === "response.output_text.delta" && event.delta;
    return harness.streamed(await harness.gathered(events, words));
  },
  tools: async (model) => ({
    ...(await loop(model, harness.TWO_CITIES)),
    streamed: await streamedCalls(model, harness.TWO_CITIES),
  }),
  forced: async (model) => {
    const choice = { type: "function", name: "get_weather" };
    return { calls: callsOf(await ask(model, harness.HELLO, { tools, tool_choice: choice })) };
  },
  no_arguments: async (model) => ({
    ...(await loop(model, harness.CLOCK)),
    streamed: await streamedCalls(model, harness.CLOCK),
  }),
  structured: async (model) => {
    const format = { type: "json_schema", name: "place", schema: harness.PLACE, strict: true };
    return { value: JSON.parse((await ask(model, harness.HELLO, { text: { format } })).output_text) };
  },
  images: async (model) => {
    const content = [
      { type: "input_text", text: "What is this?" },
      { type: "input_image", image_url: harness.PICTURE, detail: "auto" },
    ];
    return { text: (await ask(model, [user(content)])).output_text };
  },
  reasoning: async (model) => {
    const asked = { tools, reasoning: { effort: "low", summary: "auto" }, include: ["reasoning.encrypted_content"] };
    return { text: (await loop(model, harness.THINK, asked)).text };
  },
  usage: async (model) => ({
    whole: counts((await ask(model, harness.HELLO)).usage),
    streamed: counts((await client.responses.stream({ model, input: harness.HELLO }).finalResponse()).usage),
  }),
  cancel: async (model) => {
    for await (const _ of await ask(model, `@slow ${harness.tag(model)}`, { stream: true })) break;
    return { left: harness.tag(model) };
  },
  references: async (model) => {
    const first = await ask(model, harness.NAME);
    const second = await ask(model, harness.RECALL, { previous_response_id: first.id });
    const named = { type: "item_reference", id: first.output[0].id };
    const third = await ask(model, [user(harness.NAME), named, user(harness.RECALL)]);
    return { previous: second.output_text, items: third.output_text };
  },
  custom: async (model) => loop(model, harness.PATCH, { tools: customTools }),
  errors: async (model) => {
    const stranger = new OpenAI({ baseURL: `${harness.URL}/v1`, apiKey: "sk-nobody", maxRetries: 0 });
    return {
      key: await harness.failure(() => stranger.responses.create({ model, input: "x" })),
      model: await harness.failure(() => ask("ghost", "x")),
      request: await harness.failure(() => ask(model, "@fail 400")),
      limit: await harness.failure(() => ask(model, "@fail 429")),
    };
  },
});
