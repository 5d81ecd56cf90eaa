import { screen, waitFor, within } from "@testing-library/react";
import { http } from "msw";
import { describe, expect, it } from "vitest";
import { visit } from "~/mocks/render";
import { fault } from "~/mocks/replies";
import { server } from "~/mocks/server";

const MESSAGE = "the house is as it was; think again";

type Within = Pick<ReturnType<typeof within>, "getByLabelText">;

interface Form {
  readonly path: string;
  /** What opens the form, unless the address does. */
  readonly opener?: string;
  readonly typed: Readonly<Record<string, string>>;
  readonly submit: string;
  readonly asked: readonly ["post" | "put", string];
}

const FORMS: readonly Form[] = [
  { path: "/keys", opener: "Create key", typed: { Name: "robot" }, submit: "Create key", asked: ["post", "keys"] },
  {
    path: "/projects?new=1",
    typed: { Name: "chat", Title: "Chat of the shop" },
    submit: "Make a project",
    asked: ["put", "projects/:tenant/:name"],
  },
  {
    path: "/limits?project=search",
    typed: { Name: "search-month" },
    submit: "Add a limit",
    asked: ["put", "limits/:name"],
  },
  {
    path: "/people",
    opener: "Add somebody",
    typed: { Name: "eve", Password: "four words in a row", Attributes: "team = red" },
    submit: "Add somebody",
    asked: ["put", "principals/:tenant/:name"],
  },
  {
    path: "/people/default/bo",
    opener: "Suspend",
    typed: { Why: "left the company" },
    submit: "Suspend",
    asked: ["put", "principals/:tenant/:name"],
  },
  {
    path: "/people/default/ada",
    opener: "Reset password",
    typed: { Password: "another four words" },
    submit: "Reset password",
    asked: ["put", "principals/:tenant/:name"],
  },
  {
    path: "/upstreams?tab=prices",
    opener: "Add a price",
    typed: { Model: "demo-*", Input: "0.5", Output: "1.5" },
    submit: "Add a price",
    asked: ["put", "prices"],
  },
  {
    path: "/upstreams?tab=catalogue",
    opener: "Add an upstream at Ollama",
    typed: { Name: "2" },
    submit: "Add",
    asked: ["put", "upstreams/:name"],
  },
  {
    path: "/models",
    opener: "Import",
    typed: { Path: "/models/qwen", Name: "qwen" },
    submit: "Import",
    asked: ["post", "models/import"],
  },
];

describe("a form whose change is refused", () => {
  it.each(FORMS)("keeps what was typed and says why: $submit at $path", async (form) => {
    const [method, url] = form.asked;
    server.resetHandlers();
    const refused = http[method](`*/api/v1/${url}`, () => fault(409, "conflict", MESSAGE));
    const { user } = visit(form.path, { but: [refused] });
    if (form.opener !== undefined) await user.click(await screen.findByRole("button", { name: form.opener }));
    const dialog = within(await screen.findByRole("dialog"));
    const before = new Map<string, string>();
    for (const [label, text] of Object.entries(form.typed)) {
      await user.click(dialog.getByLabelText(label));
      await user.paste(text);
      before.set(label, dialog.getByLabelText<HTMLInputElement>(label).value);
      expect(before.get(label)).toContain(text);
    }
    await user.click(dialog.getByRole("button", { name: form.submit }));
    expect(await dialog.findByText(MESSAGE)).toBeVisible();
    for (const [label, text] of before) expect(dialog.getByLabelText(label)).toHaveValue(numberOr(dialog, label, text));
    expect(dialog.getByRole("button", { name: form.submit })).toBeEnabled();
  });

  it.each(FORMS)("changes nothing when it is cancelled: $submit at $path", async (form) => {
    const { user, house } = visit(form.path);
    if (form.opener !== undefined) await user.click(await screen.findByRole("button", { name: form.opener }));
    const dialog = within(await screen.findByRole("dialog"));
    const was = JSON.stringify(house);
    for (const [label, text] of Object.entries(form.typed)) {
      await user.click(dialog.getByLabelText(label));
      await user.paste(text);
    }
    await user.click(dialog.getByRole("button", { name: "Cancel" }));
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    expect(JSON.stringify(house)).toBe(was);
  });
});

/** A field of numbers has a number for its value. */
function numberOr(dialog: Within, label: string, text: string): string | number {
  const field = dialog.getByLabelText(label);
  return field instanceof HTMLInputElement && field.type === "number" ? Number(text) : text;
}

const DELETIONS = [
  ["/keys", "Revoke key ci", "Revoke", "keys/:id"],
  ["/limits", "Delete limit shop-key-budget", "Delete", "limits/:name"],
  ["/people/default/ci", "Delete", "Delete", "principals/:tenant/:name"],
  ["/projects", "Delete project search", "Delete", "projects/:tenant/:name"],
  ["/deployments/tulou-demo", "Delete", "Delete", "deployments/:name"],
  ["/models/tulou-demo?version=1", "Delete version 1", "Delete", "models/:name/versions/:reference"],
  ["/upstreams?tab=prices", "Delete the price of all-minilm-l6-v2 from since ever", "Delete", "prices"],
  ["/upstreams", "Delete credential old", "Delete", "credentials/:id"],
] as const;

describe("what is to go but may not", () => {
  it.each(DELETIONS)("stays, and the house says why: %s, %s", async (path, opener, submit, url) => {
    const refused = http.delete(`*/api/v1/${url}`, () => fault(409, "conflict", MESSAGE));
    const { user, house } = visit(path, { but: [refused] });
    await user.click(await screen.findByRole("button", { name: opener }));
    const was = JSON.stringify(house);
    const dialog = within(screen.getByRole("dialog"));
    await user.click(dialog.getByRole("button", { name: submit }));
    expect(await dialog.findByText(MESSAGE)).toBeVisible();
    expect(JSON.stringify(house)).toBe(was);
    await user.click(dialog.getByRole("button", { name: "Cancel" }));
    expect(await screen.findByRole("button", { name: opener })).toBeVisible();
  });

  it.each(DELETIONS)("is kept by who thinks again: %s, %s", async (path, opener, _submit, url) => {
    let asked = 0;
    const counted = http.delete(`*/api/v1/${url}`, () => {
      asked += 1;
      return fault(500, "internal", "asked");
    });
    const { user } = visit(path, { but: [counted] });
    await user.click(await screen.findByRole("button", { name: opener }));
    await user.click(within(screen.getByRole("dialog")).getByRole("button", { name: "Cancel" }));
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    expect(asked).toBe(0);
  });
});
