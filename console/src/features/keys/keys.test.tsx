import { screen, waitFor, within } from "@testing-library/react";
import { HttpResponse, http } from "msw";
import { describe, expect, it } from "vitest";
import { fakeHouse, key } from "~/mocks/house";
import { visit } from "~/mocks/render";
import { fault } from "~/mocks/replies";
import { server } from "~/mocks/server";
import { budgetOf, createKeyOf, EMPTY_FORM } from "./key-form";

describe("the keys", () => {
  it("are made with what was chosen, and the secret is shown once", async () => {
    const { user, house } = visit("/keys");
    await user.click(await screen.findByRole("button", { name: "Create key" }));
    const dialog = within(screen.getByRole("dialog", { name: "Create a key" }));
    await user.type(dialog.getByLabelText("Name"), "robot");
    await user.click(dialog.getByRole("checkbox", { name: /admin/ }));
    await user.click(dialog.getByRole("button", { name: "Create key" }));
    const secret = await dialog.findByLabelText<HTMLInputElement>("Secret");
    expect(secret.value).toMatch(/^tl-new1-/);
    expect(house.keys[0]).toMatchObject({ name: "robot", scopes: ["inference", "admin"], models: ["*"] });
    const { value } = secret;
    await user.click(dialog.getAllByRole("button", { name: "Close" }).at(-1) as HTMLElement);
    expect(await screen.findByRole("rowheader", { name: /robot/ })).toBeVisible();
    expect(document.body.innerHTML).not.toContain(value);
  });

  it("are revoked only after a second thought", async () => {
    const { user, house } = visit("/keys");
    await user.click(await screen.findByRole("button", { name: "Revoke key ci" }));
    const dialog = within(screen.getByRole("dialog", { name: "Revoke key ci" }));
    expect(house.keys.every((key) => !key.revoked_at)).toBe(true);
    await user.click(dialog.getByRole("button", { name: "Revoke" }));
    await waitFor(() => expect(screen.queryByRole("rowheader", { name: /^ci/ })).toBeNull());
    await user.click(screen.getByRole("checkbox", { name: "Show revoked keys" }));
    const row = within((await screen.findByRole("rowheader", { name: /^ci/ })).closest("tr") as HTMLElement);
    expect(row.getByText("Revoked")).toBeVisible();
    expect(row.queryByRole("button")).toBeNull();
  });

  it("that came back disabled are let in again by hand", async () => {
    const filled = fakeHouse();
    filled.keys = [key({ id: "key_back", name: "back", disabled: "it came back with its owner" })];
    const { user, house } = visit("/keys", { house: filled });
    const row = within((await screen.findByRole("rowheader", { name: /^back/ })).closest("tr") as HTMLElement);
    expect(row.getByText("Disabled")).toBeVisible();
    await user.click(row.getByRole("button", { name: "Enable key back" }));
    expect(await row.findByText("Active")).toBeVisible();
    expect(house.keys[0]?.disabled).toBe("");
  });

  it("warn before the key that one is signed in with is revoked", async () => {
    const { user } = visit("/keys");
    await screen.findByText("yours");
    await user.click(screen.getByRole("button", { name: "Revoke key console" }));
    expect(screen.getByText(/revoking it signs you out/)).toBeVisible();
  });
});

describe("a key with a budget", () => {
  const make = async () => {
    const visited = visit("/keys?new=1&project=assistant");
    const dialog = within(await screen.findByRole("dialog", { name: "Create a key" }));
    expect(dialog.getByLabelText("Project")).toHaveValue("assistant");
    await visited.user.type(dialog.getByLabelText("Name"), "Robot 7");
    await visited.user.type(await dialog.findByLabelText("Budget a month"), "12.5");
    return { ...visited, dialog };
  };

  it("is made first, then its budget, and the first call is written out", async () => {
    const { user, house, dialog } = await make();
    await user.click(dialog.getByRole("button", { name: "Create key" }));
    expect(await dialog.findByText("It may spend $12.50 a month.")).toBeVisible();
    const made = house.keys[0];
    expect(made).toMatchObject({ project: "assistant", principal: "admin" });
    expect(house.limits.at(-1)).toMatchObject({ scope: "key", subject: made?.id, amount: 12.5, measure: "cost" });
    await user.click(dialog.getByText("Call a model with it"));
    expect(await dialog.findByText(/curl http:\/\/house.test\/v1\/chat\/completions/)).toBeVisible();
    expect(dialog.getByRole("link", { name: "Then watch the cost appear" })).toHaveAttribute(
      "href",
      `/usage?span=today&key=${made?.id}`,
    );
  });

  it("says so when the budget could not be set: the key has none", async () => {
    const { user, dialog } = await make();
    server.use(http.put("*/api/v1/limits/:name", () => fault(503, "unavailable", "limits are away")));
    await user.click(dialog.getByRole("button", { name: "Create key" }));
    expect(await dialog.findByText(/its budget could not be set/)).toBeVisible();
    expect(dialog.getByLabelText("Secret")).toBeVisible();
    expect(dialog.getByText("limits are away")).toBeVisible();
  });

  it("shows how its limits stand", async () => {
    visit("/keys");
    const row = within((await screen.findByRole("rowheader", { name: /shop-assistant/ })).closest("tr") as HTMLElement);
    expect(await row.findByRole("meter", { name: /shop-key-budget/ })).toBeVisible();
  });

  it("is called with a short-lived pass by those who signed in with a password", async () => {
    const { user } = visit("/playground", { cookie: true });
    let sent: string | null = null;
    server.use(
      http.get("*/v1/models", ({ request }) => {
        sent = request.headers.get("authorization");
        return HttpResponse.json({ object: "list", data: [{ id: "tulou-demo", object: "model" }] });
      }),
    );
    await user.click(await screen.findByRole("tab", { name: "Chat" }));
    await waitFor(() => expect(sent).toBe("Bearer tl-pass-secret"));
  });
});

describe("the key form", () => {
  it("names a budget after its key, and makes none where none is asked for", () => {
    const made = key({ id: "key_ABC123", name: "Größe & 7" });
    expect(budgetOf({ ...EMPTY_FORM, budget: "3" }, made)).toMatchObject({ name: "gr-e-7-abc123-budget", amount: 3 });
    expect(budgetOf(EMPTY_FORM, made)).toBeNull();
    expect(budgetOf({ ...EMPTY_FORM, budget: "0" }, made)).toBeNull();
  });

  it("splits models by commas of both kinds, and counts days from now", () => {
    const made = createKeyOf({ ...EMPTY_FORM, name: " a ", models: "demo-*，qwen, x", days: 1 }, 1000);
    expect(made).toMatchObject({ name: "a", models: ["demo-*", "qwen", "x"], expires_at: 87_400 });
  });

  it("lets a key live for ever when asked to", () => {
    expect(createKeyOf({ ...EMPTY_FORM, days: 0 }, 1000).expires_at).toBeNull();
  });
});
