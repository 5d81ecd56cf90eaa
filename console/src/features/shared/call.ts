/** The smallest call that shows an answer; the secret is filled in only where it is shown anyway. */

export interface Call {
  readonly origin: string;
  readonly model: string;
  /** Empty: an environment variable is named in its place. */
  readonly secret: string;
}

const QUESTION = "What is Tulou?";

export function curlCall({ origin, model, secret }: Call): string {
  const body = JSON.stringify({ model, messages: [{ role: "user", content: QUESTION }] });
  return [
    `curl ${origin}/v1/chat/completions \\`,
    `  -H "Authorization: Bearer ${secret || "$TULOU_API_KEY"}" \\`,
    `  -H "Content-Type: application/json" \\`,
    `  -d '${body}'`,
  ].join("\n");
}

export function pythonCall({ origin, model, secret }: Call): string {
  return [
    ...(secret ? [] : ["import os", ""]),
    "from openai import OpenAI",
    "",
    `client = OpenAI(base_url="${origin}/v1", api_key=${secret ? JSON.stringify(secret) : 'os.environ["TULOU_API_KEY"]'})`,
    "answer = client.chat.completions.create(",
    `    model=${JSON.stringify(model)},`,
    `    messages=[{"role": "user", "content": ${JSON.stringify(QUESTION)}}],`,
    ")",
    "print(answer.choices[0].message.content)",
  ].join("\n");
}
