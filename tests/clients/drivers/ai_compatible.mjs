// The Vercel AI SDK by @ai-sdk/openai-compatible, which speaks chat completions.

import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { run } from "./ai_sdk.mjs";
import * as harness from "./harness.mjs";

const settings = { name: "house", baseURL: `${harness.URL}/v1`, includeUsage: true, supportsStructuredOutputs: true };
const made = (model, apiKey) => createOpenAICompatible({ ...settings, apiKey })(model);

await run(made, { house: { reasoningEffort: "low" } });
