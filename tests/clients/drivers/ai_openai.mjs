// The Vercel AI SDK by @ai-sdk/openai, which speaks OpenAI's responses and names items that were answered by their ids.

import { createOpenAI } from "@ai-sdk/openai";
import { generateText } from "ai";
import { run } from "./ai_sdk.mjs";
import * as harness from "./harness.mjs";

const made = (model, apiKey) => createOpenAI({ baseURL: `${harness.URL}/v1`, apiKey })(model);
const openai = { reasoningEffort: "low", reasoningSummary: "auto", forceReasoning: true };

await run(made, { openai }, {
  references: async (model) => {
    const asked = { model: made(model, harness.KEY), maxRetries: 0 };
    const messages = [{ role: "user", content: harness.NAME }];
    const first = await generateText({ ...asked, messages });
    const previous = { openai: { previousResponseId: first.providerMetadata.openai.responseId } };
    const second = await generateText({ ...asked, prompt: harness.RECALL, providerOptions: previous });
    messages.push(...first.response.messages, { role: "user", content: harness.RECALL });
    const third = await generateText({ ...asked, messages });
    return { previous: second.text, items: third.text };
  },
});
