import { screen, waitFor, within } from "@testing-library/react";
import { HttpResponse, http } from "msw";
import { describe, expect, it } from "vitest";
import { visit } from "~/mocks/render";
import { fault } from "~/mocks/replies";
import { server } from "~/mocks/server";

const message = () => screen.findByRole("textbox", { name: "Message" });

describe("the playground", () => {
  it("streams an answer, renders its markdown, and says what it took", async () => {
    const { user } = visit("/playground?model=tulou-demo");
    await user.type(await message(), "What is Tulou?{Enter}");
    const talk = within(screen.getByRole("log", { name: "Conversation" }));
    expect(await talk.findByRole("table")).toBeVisible();
    expect(talk.getByText("self-hosted platform").tagName).toBe("STRONG");
    expect(await talk.findByText("first token")).toBeVisible();
    expect(await message()).toHaveValue("");
  });

  it("offers only models for chat", async () => {
    visit("/playground");
    const select = await screen.findByRole("combobox", { name: "Model" });
    const names = within(select)
      .getAllByRole("option")
      .map((option) => option.textContent);
    expect(names).toEqual(["qwen3-0.6b", "tulou-demo"]);
  });

  it("sends what the parameters say", async () => {
    const { user } = visit("/playground?model=tulou-demo");
    let sent: unknown;
    server.use(
      http.post("*/v1/chat/completions", async ({ request }) => {
        sent = await request.json();
        return new HttpResponse("data: [DONE]\n\n", { headers: { "content-type": "text/event-stream" } });
      }),
    );
    await user.type(await screen.findByRole("textbox", { name: "System prompt" }), "Be brief.");
    await user.type(screen.getByRole("textbox", { name: "Seed" }), "7");
    await user.type(screen.getByRole("textbox", { name: "Stop sequences" }), "END");
    await user.type(await message(), "Hi{Enter}");
    await waitFor(() =>
      expect(sent).toEqual({
        model: "tulou-demo",
        messages: [
          { role: "system", content: "Be brief." },
          { role: "user", content: "Hi" },
        ],
        temperature: 0.2,
        top_p: 1,
        max_tokens: 512,
        seed: 7,
        stop: ["END"],
        stream: true,
        stream_options: { include_usage: true },
      }),
    );
  });

  it("stops when asked to, and hangs up on the house", async () => {
    const { user } = visit("/playground?model=tulou-demo");
    let hungUp = false;
    const first = new TextEncoder().encode('data: {"choices":[{"delta":{"content":"One "}}]}\n\n');
    server.use(
      http.post("*/v1/chat/completions", ({ request }) => {
        request.signal.addEventListener("abort", () => {
          hungUp = true;
        });
        return new HttpResponse(new ReadableStream({ start: (stream) => stream.enqueue(first) }));
      }),
    );
    await user.type(await message(), "Count{Enter}");
    expect(await screen.findByText("One")).toBeVisible();
    await user.click(screen.getByRole("button", { name: "Stop" }));
    expect(await screen.findByText("Stopped by you")).toBeVisible();
    expect(await screen.findByRole("button", { name: "Send" })).toBeVisible();
    await waitFor(() => expect(hungUp).toBe(true));
  });

  it("shows why the house refused", async () => {
    const { user } = visit("/playground?model=tulou-demo");
    server.use(
      http.post("*/v1/chat/completions", () => fault(503, "unavailable", "no replica of tulou-demo is ready")),
    );
    await user.type(await message(), "Hi{Enter}");
    expect(await screen.findByRole("alert")).toHaveTextContent("no replica of tulou-demo is ready");
  });

  it("shows an error that comes in the middle of a stream, beside what was said", async () => {
    const { user } = visit("/playground?model=tulou-demo");
    const body =
      'data: {"choices":[{"delta":{"content":"Half "}}]}\n\n' +
      'data: {"error":{"message":"the replica went away","code":"upstream_failed"}}\n\n';
    server.use(http.post("*/v1/chat/completions", () => new HttpResponse(body)));
    await user.type(await message(), "Hi{Enter}");
    expect(await screen.findByRole("alert")).toHaveTextContent("the replica went away");
    expect(screen.getByText("Half")).toBeVisible();
  });

  it("gives the same request as code, without the key", async () => {
    const { user } = visit("/playground?model=tulou-demo");
    await user.type(await message(), "It's me");
    await user.click(screen.getByRole("button", { name: "Code" }));
    const dialog = within(screen.getByRole("dialog", { name: "Code" }));
    expect(dialog.getByText(/\$TULOU_API_KEY/)).toBeVisible();
    await user.click(dialog.getByRole("tab", { name: "openai (Python)" }));
    expect(dialog.getByText(/OpenAI\(base_url="http:\/\/house\.test\/v1"/)).toBeVisible();
    expect(dialog.queryByText(/tulou-admin-key/)).toBeNull();
  });

  it("compares texts by their embeddings", async () => {
    const { user } = visit("/playground");
    await user.click(await screen.findByRole("tab", { name: "Embeddings" }));
    await user.click(await screen.findByRole("button", { name: "Embed" }));
    const table = within(await screen.findByRole("table", { name: "Cosine similarity" }));
    expect(table.getAllByText("1.000")).toHaveLength(3);
    expect(screen.getByText(/26 dimensions/)).toBeVisible();
  });
});
