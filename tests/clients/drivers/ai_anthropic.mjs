// The Vercel AI SDK by @ai-sdk/anthropic.

import { createAnthropic } from "@ai-sdk/anthropic";
import { run } from "./ai_sdk.mjs";
import * as harness from "./harness.mjs";

const made = (model, apiKey) => createAnthropic({ baseURL: `${harness.URL}/v1`, apiKey })(model);

await run(made, { anthropic: { thinking: { type: "enabled", budgetTokens: 1024 } } });
