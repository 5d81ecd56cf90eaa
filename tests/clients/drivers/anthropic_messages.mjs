// The official Anthropic client for JavaScript.

import Anthropic from "@anthropic-ai/sdk";
import * as harness from "./harness.mjs";

const client = new Anthropic({ baseURL: harness.URL, apiKey: harness.KEY, maxRetries: 0 });
const tools = [
  { name: "get_weather", input_schema: harness.WEATHER },
  { name: "now", description: "The time.", input_schema: harness.NOTHING },
];
const user = (content) => ({ role: "user", content });
const ask = (model, messages, more = {}) => client.messages.create({ model, max_tokens: 4000, messages, ...more });
const textOf = (message) => message.content.map((block) => (block.type === "text" ? block.text : "")).join("");
const usesOf = (message) => message.content.filter((block) => block.type === "tool_use");
const callsOf = (message) => usesOf(message).map((block) => [block.name, block.input]);

async function loop(model, text, more = {}) {
  const first = await ask(model, [user(text)], { tools, ...more });
  const results = usesOf(first).map((block) => ({
    type: "tool_result",
    tool_use_id: block.id,
    content: harness.result(block.name, block.input),
  }));
  const said = { role: "assistant", content: first.content };
  const last = await ask(model, [user(text), said, user(results)], { tools, ...more });
  return { calls: callsOf(first), text: textOf(last) };
}

async function streamedCalls(model, text) {
  const stream = client.messages.stream({ model, max_tokens: 4000, messages: [user(text)], tools });
  return callsOf(await stream.finalMessage());
}

const counts = (told) => [
  told.input_tokens + told.cache_read_input_tokens,
  told.cache_read_input_tokens,
  told.output_tokens,
];

await harness.run({
  chat: async (model) => ({ text: textOf(await ask(model, [user(harness.HELLO)])) }),
  stream: async (model) => {
    const events = await ask(model, [user(harness.HELLO)], { stream: true });
    return harness.streamed(await harness.gathered(events, (event) => event.delta?.text));
  },
  tools: async (model) => ({
    ...(await loop(model, harness.TWO_CITIES)),
    streamed: await streamedCalls(model, harness.TWO_CITIES),
  }),
  forced: async (model) => {
    const choice = { type: "tool", name: "get_weather" };
    return { calls: callsOf(await ask(model, [user(harness.HELLO)], { tools, tool_choice: choice })) };
  },
  no_arguments: async (model) => ({
    ...(await loop(model, harness.CLOCK)),
    streamed: await streamedCalls(model, harness.CLOCK),
  }),
  structured: async (model) => {
    const config = { format: { type: "json_schema", schema: harness.PLACE } };
    return { value: JSON.parse(textOf(await ask(model, [user(harness.HELLO)], { output_config: config }))) };
  },
  images: async (model) => {
    const source = { type: "base64", media_type: "image/png", data: harness.PICTURE_DATA };
    const content = [{ type: "text", text: "What is this?" }, { type: "image", source }];
    return { text: textOf(await ask(model, [user(content)])) };
  },
  reasoning: async (model) => {
    const thinking = { type: "enabled", budget_tokens: 1024 };
    return { text: (await loop(model, harness.THINK, { thinking })).text };
  },
  usage: async (model) => {
    const asked = { model, max_tokens: 99, messages: [user(harness.HELLO)] };
    const last = await client.messages.stream(asked).finalMessage();
    return { whole: counts((await client.messages.create(asked)).usage), streamed: counts(last.usage) };
  },
  cancel: async (model) => {
    for await (const _ of await ask(model, [user(`@slow ${harness.tag(model)}`)], { stream: true })) break;
    return { left: harness.tag(model) };
  },
  errors: async (model) => {
    const stranger = new Anthropic({ baseURL: harness.URL, apiKey: "sk-nobody", maxRetries: 0 });
    const asked = { model, max_tokens: 9, messages: [user("x")] };
    return {
      key: await harness.failure(() => stranger.messages.create(asked)),
      model: await harness.failure(() => ask("ghost", [user("x")])),
      request: await harness.failure(() => ask(model, [user("@fail 400")])),
      limit: await harness.failure(() => ask(model, [user("@fail 429")])),
    };
  },
});
