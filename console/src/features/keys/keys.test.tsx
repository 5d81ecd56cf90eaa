import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { visit } from "~/mocks/render";
import { createKeyOf, EMPTY_FORM } from "./key-form";

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

  it("warn before the key that one is signed in with is revoked", async () => {
    const { user } = visit("/keys");
    await screen.findByText("yours");
    await user.click(screen.getByRole("button", { name: "Revoke key console" }));
    expect(screen.getByText(/revoking it signs you out/)).toBeVisible();
  });
});

describe("the key form", () => {
  it("splits models by commas of both kinds, and counts days from now", () => {
    const made = createKeyOf({ ...EMPTY_FORM, name: " a ", models: "demo-*，qwen, x", days: 1 }, 1000);
    expect(made).toMatchObject({ name: "a", models: ["demo-*", "qwen", "x"], expires_at: 87_400 });
  });

  it("lets a key live for ever when asked to", () => {
    expect(createKeyOf({ ...EMPTY_FORM, days: 0 }, 1000).expires_at).toBeNull();
  });
});
