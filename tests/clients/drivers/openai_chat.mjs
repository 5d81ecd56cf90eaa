// The official OpenAI client for JavaScript, by chat completions.

import OpenAI from "openai";
import * as harness from "./harness.mjs";

const client = new OpenAI({ baseURL: `${harness.URL}/v1`, apiKey: harness.KEY, maxRetries: 0 });
const tools = [
  { type: "function", function: { name: "get_weather", parameters: harness.WEATHER, strict: true } },
  { type: "function", function: { name: "now", description: "The time.", parameters: harness.NOTHING } },
];
const customTools = [{ type: "custom", custom: { name: "apply_patch", description: "Edits files." } }];
const user = (content) => ({ role: "user", content });

async function ask(model, messages, more = {}) {
  const answer = await client.chat.completions.create({ model, messages, ...more });
  return answer.choices[0].message;
}

const callOf = (call) =>
  call.type === "custom"
    ? [call.custom.name, call.custom.input]
    : [call.function.name, JSON.parse(call.function.arguments)];
const callsOf = (message) => (message.tool_calls ?? []).map(callOf);

function resultsOf(message) {
  return message.tool_calls.map((call) => {
    const [name, given] = callOf(call);
    const content = call.type === "custom" ? "done" : harness.result(name, given);
    return { role: "tool", tool_call_id: call.id, content };
  });
}

async function loop(model, text, more = { tools }) {
  const first = await ask(model, [user(text)], more);
  const last = await ask(model, [user(text), first, ...resultsOf(first)], more);
  return { calls: callsOf(first), text: last.content };
}

async function streamedCalls(model, text) {
  const runner = client.chat.completions.stream({ model, messages: [user(text)], tools });
  return callsOf((await runner.finalChatCompletion()).choices[0].message);
}

const counts = (told) => [told.prompt_tokens, told.prompt_tokens_details.cached_tokens, told.completion_tokens];

await harness.run({
  chat: async (model) => ({ text: (await ask(model, [user(harness.HELLO)])).content }),
  stream: async (model) => {
    const chunks = await client.chat.completions.create({ model, messages: [user(harness.HELLO)], stream: true });
    return harness.streamed(await harness.gathered(chunks, (chunk) => chunk.choices[0]?.delta.content));
  },
  tools: async (model) => ({
    ...(await loop(model, harness.TWO_CITIES)),
    streamed: await streamedCalls(model, harness.TWO_CITIES),
  }),
  forced: async (model) => {
    const choice = { type: "function", function: { name: "get_weather" } };
    return { calls: callsOf(await ask(model, [user(harness.HELLO)], { tools, tool_choice: choice })) };
  },
  no_arguments: async (model) => ({
    ...(await loop(model, harness.CLOCK)),
    streamed: await streamedCalls(model, harness.CLOCK),
  }),
  structured: async (model) => {
    const format = { type: "json_schema", json_schema: { name: "place", schema: harness.PLACE, strict: true } };
    return { value: JSON.parse((await ask(model, [user(harness.HELLO)], { response_format: format })).content) };
  },
  images: async (model) => {
    const content = [
      { type: "text", text: "What is this?" },
      { type: "image_url", image_url: { url: harness.PICTURE } },
    ];
    return { text: (await ask(model, [user(content)])).content };
  },
  reasoning: async (model) => ({
    text: (await loop(model, harness.THINK, { tools, reasoning_effort: "low" })).text,
  }),
  usage: async (model) => {
    const asked = { model, messages: [user(harness.HELLO)] };
    const whole = await client.chat.completions.create(asked);
    const options = { stream: true, stream_options: { include_usage: true } };
    const chunks = await client.chat.completions.create({ ...asked, ...options });
    const told = await harness.gathered(chunks, (chunk) => chunk.usage);
    return { whole: counts(whole.usage), streamed: counts(told.at(-1)) };
  },
  cancel: async (model) => {
    const messages = [user(`@slow ${harness.tag(model)}`)];
    const chunks = await client.chat.completions.create({ model, messages, stream: true });
    for await (const _ of chunks) break;
    return { left: harness.tag(model) };
  },
  custom: async (model) => loop(model, harness.PATCH, { tools: customTools }),
  errors: async (model) => {
    const stranger = new OpenAI({ baseURL: `${harness.URL}/v1`, apiKey: "sk-nobody", maxRetries: 0 });
    return {
      key: await harness.failure(() => stranger.models.list()),
      model: await harness.failure(() => ask("ghost", [user("x")])),
      request: await harness.failure(() => ask(model, [user("@fail 400")])),
      limit: await harness.failure(() => ask(model, [user("@fail 429")])),
    };
  },
});
