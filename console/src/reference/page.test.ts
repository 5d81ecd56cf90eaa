import { readFileSync } from "node:fs";
import { join } from "node:path";
import { screen, waitFor, within } from "@testing-library/react";
import { userEvent } from "@testing-library/user-event";
import axe from "axe-core";
import { HttpResponse, http } from "msw";
import { afterEach, describe, expect, it } from "vitest";
import { Session } from "~/lib/session";
import { server } from "~/mocks/server";
import { documentOf } from "./document";
import { draw, openNamed } from "./page";
import { Proof } from "./proof";
import { MOST_CHARACTERS } from "./reply";
import { sentences } from "./words";

const document_ = documentOf(JSON.parse(readFileSync(join(import.meta.dirname, "../../openapi.json"), "utf8")));
const user = userEvent.setup({ delay: null });
Element.prototype.scrollIntoView = () => undefined;

function show(language: "en" | "zh" = "en", session = new Session(), who: string | null = null, of = document_): Proof {
  const root = document.createElement("div");
  document.body.replaceChildren(root);
  const proof = new Proof(session);
  draw(root, { document: of, proof, who }, language);
  return proof;
}

async function opened(id: string): Promise<HTMLElement> {
  const operation = document.getElementById(id);
  if (!(operation instanceof HTMLDetailsElement)) throw new Error(`the page has no ${id}`);
  operation.open = true;
  await within(operation).findByRole("button", { name: "Send" });
  return operation;
}

/** Only what is shown, since the page has all operations at once. */
const shownIds = () =>
  [...document.querySelectorAll<HTMLDetailsElement>("main > section:not([hidden]) > details[id]:not([hidden])")].map(
    ({ id }) => id,
  );

afterEach(() => document.body.replaceChildren());

describe("the reference", () => {
  it("lists the operations by group, and finds them by their words", async () => {
    show();
    const groups = screen.getByRole("navigation", { name: "Groups" });
    expect(within(groups).getByRole("link", { name: "inference 24" })).toBeVisible();
    await user.type(screen.getByRole("searchbox", { name: "Search operations" }), "principals erase");
    expect(shownIds()).toEqual(["erase_principal"]);
    expect(screen.getByText(/^1 of \d+ operations$/)).toBeVisible();
    await user.type(screen.getByRole("searchbox"), " zebra");
    expect(screen.getByText("No operation has all of these words.")).toBeVisible();
  });

  it("shows one part of the API alone", async () => {
    show();
    await user.selectOptions(screen.getByRole("combobox", { name: "Part of the API" }), "Gate");
    expect(shownIds()).toContain("create_chat_completion");
    expect(shownIds()).not.toContain("list_keys");
  });

  it("tells of an operation its permission, parameters, fields, examples and answers", async () => {
    show();
    const keys = within(await opened("list_keys"));
    expect(keys.getAllByText("keys:read").length).toBeGreaterThan(0);
    expect(keys.getByRole("row", { name: /limit query integer 1 … 500/ })).toBeInTheDocument();
    const chat = within(await opened("create_chat_completion"));
    expect(chat.getByText("temperature")).toBeInTheDocument();
    expect(chat.getByText("An answer as a stream, with counts of tokens")).toBeInTheDocument();
    expect(chat.getByText("429")).toBeInTheDocument();
    expect(within(await opened("get_health")).getByText("For everybody: no key is needed")).toBeInTheDocument();
  });

  it("opens what the address names, as it does today and as older links have it", async () => {
    show();
    history.replaceState(null, "", "/docs#/identity/create_key");
    openNamed();
    expect(document.getElementById("create_key")).toHaveAttribute("open");
    history.replaceState(null, "", "/docs#list_jobs");
    openNamed();
    expect(document.getElementById("list_jobs")).toHaveAttribute("open");
  });

  it("speaks both languages, and keeps what was looked for when another is chosen", async () => {
    show();
    await user.type(screen.getByRole("searchbox"), "erase");
    await user.selectOptions(screen.getByRole("combobox", { name: "Language" }), "中文");
    expect(screen.getByRole("heading", { level: 1, name: /接口文档/ })).toBeVisible();
    expect(screen.getByRole("searchbox", { name: "搜索接口" })).toHaveValue("erase");
    expect(shownIds()).toEqual(["erase_principal"]);
    expect(document.documentElement.lang).toBe("zh-CN");
  });

  it("has the same sentences with the same places in both languages", () => {
    const places = (sentence: string) => [...sentence.matchAll(/\{\w+\}/g)].map(String).sort();
    for (const [key, sentence] of Object.entries(sentences.en)) {
      const chinese = sentences.zh[key as keyof typeof sentences.en];
      expect(chinese.trim(), key).not.toBe("");
      expect(places(chinese), key).toEqual(places(sentence));
    }
  });

  it.each(["en", "zh"] as const)("has no fault that a screen reader would stumble over: %s", async (language) => {
    const paths = ["/v1/chat/completions", "/api/v1/keys", "/v1/files"];
    const few = Object.entries(document_.paths).filter(([path]) => paths.includes(path));
    show(language, new Session(), null, { ...document_, paths: Object.fromEntries(few) });
    for (const id of ["create_chat_completion", "list_keys", "upload_file"]) {
      const operation = document.getElementById(id);
      if (operation instanceof HTMLDetailsElement) operation.open = true;
      await waitFor(() => expect(operation?.querySelector("form")).not.toBeNull());
      for (const inner of operation?.querySelectorAll("details") ?? []) inner.open = true;
    }
    const { violations } = await axe.run(document.body, { rules: { "color-contrast": { enabled: false } } });
    expect(violations.map((violation) => `${violation.id}: ${violation.nodes[0]?.html}`)).toEqual([]);
  });
});

describe("trying an operation", () => {
  it("asks with the key that was typed, which is written down nowhere", async () => {
    const asked: Request[] = [];
    server.use(
      http.get("*/api/v1/keys", ({ request }) => {
        asked.push(request);
        return HttpResponse.json({ items: [], next: null }, { headers: { "x-request-id": "req_1" } });
      }),
    );
    show();
    await user.type(screen.getByLabelText("Key for trying"), "sk-tulou-typed");
    const operation = within(await opened("list_keys"));
    await user.type(operation.getByLabelText("project"), "shop");
    expect(operation.getByText(/curl 'http:\/\/house\.test\/api\/v1\/keys\?project=shop'/)).toBeInTheDocument();
    await user.click(operation.getByRole("button", { name: "Send" }));
    expect(await operation.findByText(/"items": \[\]/)).toBeInTheDocument();
    expect(operation.getByText(/^200 after \d+ ms$/)).toBeInTheDocument();
    expect(operation.getByText(/x-request-id: req_1/)).toBeInTheDocument();
    expect(asked[0]?.headers.get("authorization")).toBe("Bearer sk-tulou-typed");
    expect(new URL(asked[0]?.url ?? "").search).toBe("?project=shop");
    expect(JSON.stringify([{ ...sessionStorage }, { ...localStorage }])).not.toContain("sk-tulou-typed");
    expect(document.body.textContent).not.toContain("sk-tulou-typed");
  });

  it("shows a refusal as the house words it", async () => {
    server.use(
      http.post("*/api/v1/keys", () => HttpResponse.json({ error: { message: "no such project" } }, { status: 400 })),
    );
    show();
    const operation = within(await opened("create_key"));
    await user.click(operation.getByRole("button", { name: "Send" }));
    expect(await operation.findByText(/no such project/)).toBeInTheDocument();
    expect(operation.getByText(/^400 after/)).toBeInTheDocument();
  });

  it("goes on with the key of the console, and says who that is", async () => {
    const session = new Session();
    session.begin("sk-tulou-console");
    server.use(
      http.get("*/api/v1/me", ({ request }) =>
        request.headers.get("authorization") === "Bearer sk-tulou-console"
          ? HttpResponse.json({ principal: "ada", tenant: "default" })
          : new HttpResponse(null, { status: 401 }),
      ),
    );
    expect(await new Proof(session).who()).toBe("ada@default");
    session.end("chosen");
    expect(await new Proof(session).who()).toBeNull();
    show("en", session, "ada@default");
    expect(screen.getByText("You try things out as ada@default.")).toBeVisible();
  });

  it("asks models for those with a cookie by a key of their own", async () => {
    const asked: (string | null)[] = [];
    server.use(
      http.get("*/api/v1/me", () => HttpResponse.json({ principal: "ada", tenant: "default" })),
      http.post("*/api/v1/me/key", () =>
        HttpResponse.json({ key: { expires_at: Date.now() / 1000 + 3600 }, secret: "sk-pass" }, { status: 201 }),
      ),
      http.get("*/v1/models", ({ request }) => {
        asked.push(request.headers.get("authorization"));
        return HttpResponse.json({ object: "list", data: [] });
      }),
    );
    const proof = show();
    await proof.who();
    const operation = within(await opened("list_served_models"));
    await user.click(operation.getByRole("button", { name: "Send" }));
    expect(await operation.findByText(/"object": "list"/)).toBeInTheDocument();
    expect(asked).toEqual(["Bearer sk-pass"]);
  });

  it("shows a stream as it comes, and hangs up when it is stopped", async () => {
    let left = false;
    const stream = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new TextEncoder().encode('data: {"n": 1}\n\n')),
    });
    server.use(
      http.post("*/v1/chat/completions", ({ request }) => {
        request.signal.addEventListener("abort", () => {
          left = true;
        });
        return new HttpResponse(stream, { headers: { "content-type": "text/event-stream" } });
      }),
    );
    show();
    const operation = within(await opened("create_chat_completion"));
    await user.click(operation.getByRole("button", { name: "Send" }));
    expect(await operation.findByText(/data: \{"n": 1\}/)).toBeInTheDocument();
    await user.click(operation.getByRole("button", { name: "Stop" }));
    expect(await operation.findByText("Stopped.")).toBeInTheDocument();
    expect(operation.getByRole("button", { name: "Send" })).toBeInTheDocument();
    await waitFor(() => expect(left).toBe(true));
  });

  it("shows the beginning of an answer that is longer than a page should be", async () => {
    server.use(http.get("*/api/v1/audit/export", () => HttpResponse.text("x".repeat(MOST_CHARACTERS + 10))));
    show();
    const operation = within(await opened("export_audit"));
    await user.click(operation.getByRole("button", { name: "Send" }));
    expect(await operation.findByText("There is more; the page shows the beginning.")).toBeInTheDocument();
  });

  it("says so when the house does not answer", async () => {
    server.use(http.get("*/api/v1/jobs", () => HttpResponse.error()));
    show();
    const operation = within(await opened("list_jobs"));
    await user.click(operation.getByRole("button", { name: "Send" }));
    expect(await operation.findByText(/^The house did not answer: /)).toBeInTheDocument();
  });
});
