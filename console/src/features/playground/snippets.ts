/** The same request as a command line and as a program; the key is named, never shown. */
import type { ChatRequest } from "~/api/inference";

export function curlOf(origin: string, request: ChatRequest): string {
  const body = JSON.stringify({ ...request, stream: true }, null, 2).replaceAll("'", "'\\''");
  return [
    `curl -N ${origin}/v1/chat/completions \\`,
    `  -H "Authorization: Bearer $TULOU_API_KEY" \\`,
    `  -H "Content-Type: application/json" \\`,
    `  -d '${body}'`,
  ].join("\n");
}

export function pythonOf(origin: string, request: ChatRequest): string {
  const { model, messages, ...rest } = request;
  const options = Object.entries(rest).map(([name, value]) => `    ${name}=${JSON.stringify(value)},`);
  return [
    "import os",
    "",
    "from openai import OpenAI",
    "",
    `client = OpenAI(base_url="${origin}/v1", api_key=os.environ["TULOU_API_KEY"])`,
    "stream = client.chat.completions.create(",
    `    model=${JSON.stringify(model)},`,
    "    messages=[",
    ...messages.map((message) => `        ${JSON.stringify(message)},`),
    "    ],",
    ...options,
    "    stream=True,",
    ")",
    "for chunk in stream:",
    "    if chunk.choices:",
    '        print(chunk.choices[0].delta.content or "", end="", flush=True)',
  ].join("\n");
}
