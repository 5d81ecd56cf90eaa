import { screen, waitFor, within } from "@testing-library/react";
import { http } from "msw";
import { describe, expect, it } from "vitest";
import { fakeHouse } from "~/mocks/house";
import { visit } from "~/mocks/render";
import { fault } from "~/mocks/replies";
import { decideOf, EMPTY_QUESTION } from "./try-form";

describe("a role", () => {
  it("is changed without its name, and asks for what it was made of", async () => {
    const { user, house } = visit("/policies");
    const before = house.roles.find(({ name }) => name === "night-shift");
    await user.click(await screen.findByRole("button", { name: "Edit role night-shift" }));
    const dialog = within(screen.getByRole("dialog", { name: "Edit role night-shift" }));
    expect(dialog.getByLabelText("Name")).toHaveAttribute("readonly");
    expect(dialog.getByLabelText("Permissions")).toHaveValue(before?.permissions.join("\n"));
    await user.clear(dialog.getByLabelText("Title"));
    await user.type(dialog.getByLabelText("Title"), "Those awake");
    await user.click(dialog.getByRole("button", { name: "Save" }));
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    const after = house.roles.find(({ name }) => name === "night-shift");
    expect(after).toMatchObject({ title: "Those awake", permissions: before?.permissions });
  });

  it("that reaches over the whole house is made by those alone who do", async () => {
    const { user, house } = visit("/policies");
    await user.click(await screen.findByRole("button", { name: "Make a role" }));
    const dialog = within(screen.getByRole("dialog"));
    await user.type(dialog.getByLabelText("Name"), "auditor");
    await user.type(dialog.getByLabelText("Permissions"), "audit:read");
    await user.click(dialog.getByRole("checkbox"));
    await user.click(dialog.getByRole("button", { name: "Make a role" }));
    await waitFor(() => expect(house.roles.at(-1)).toMatchObject({ name: "auditor", house: true }));
  });

  it("of a tenant's own administrator is of that tenant", async () => {
    const tenants = fakeHouse();
    tenants.me = { ...tenants.me, house: false };
    const { user } = visit("/policies", { house: tenants });
    await user.click(await screen.findByRole("button", { name: "Make a role" }));
    expect(within(screen.getByRole("dialog")).queryByRole("checkbox")).toBeNull();
  });

  it("with a permission that there is not is refused in the dialog", async () => {
    const refused = http.put("*/api/v1/roles/:name", () => fault(400, "invalid_request", "no permission 'keys:fly'"));
    const { user } = visit("/policies", { but: [refused] });
    await user.click(await screen.findByRole("button", { name: "Make a role" }));
    const dialog = within(screen.getByRole("dialog"));
    await user.type(dialog.getByLabelText("Name"), "pilot");
    await user.type(dialog.getByLabelText("Permissions"), "keys:fly");
    await user.click(dialog.getByRole("button", { name: "Make a role" }));
    expect(await dialog.findByRole("alert")).toHaveTextContent("no permission 'keys:fly'");
    expect(dialog.getByLabelText("Permissions")).toHaveValue("keys:fly");
  });

  it("is only looked at by those who may not change it", async () => {
    const house = fakeHouse();
    house.me = { ...house.me, permissions: ["*:read"] };
    visit("/policies", { house });
    expect(await screen.findByRole("rowheader", { name: /night-shift/ })).toBeVisible();
    expect(screen.queryByRole("button", { name: /role/ })).toBeNull();
  });
});

describe("the question of the try box", () => {
  it("splits roles by commas of both kinds and trims names", () => {
    const asked = decideOf({ ...EMPTY_QUESTION, roles: " viewer，admin, ", principal: " ana ", action: " keys:read " });
    expect(asked.subject).toMatchObject({ roles: ["viewer", "admin"], principal: "ana" });
    expect(asked.action).toBe("keys:read");
  });

  it("reads attributes and context as what they look like, and leaves out what has a slip", () => {
    const asked = decideOf({ ...EMPTY_QUESTION, attributes: "level = 3\nnight = true", context: "nonsense" });
    expect(asked.subject.attributes).toEqual({ level: 3, night: true });
    expect(asked.context).toEqual({});
  });

  it("is about a thing of the tenant that asks", () => {
    expect(decideOf({ ...EMPTY_QUESTION, tenant: "acme" }).resource).toEqual({
      kind: "model",
      name: "tulou-demo",
      tenant: "acme",
    });
  });
});
