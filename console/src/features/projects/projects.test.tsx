import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { account } from "~/mocks/account";
import { fakeHouse } from "~/mocks/house";
import { visit } from "~/mocks/render";

describe("the projects", () => {
  it("show what they cost, and lead on to keys and budgets", async () => {
    const house = { ...fakeHouse(), ...account(Math.floor(Date.now() / 1000)) };
    visit("/projects", { house });
    const row = within((await screen.findByRole("rowheader", { name: /assistant/ })).closest("tr") as HTMLElement);
    expect(await row.findByRole("link", { name: /^\$[1-9]/ })).toBeVisible();
    expect(row.getByRole("link", { name: "Make a key" })).toHaveAttribute("href", "/keys?new=1&project=assistant");
    expect(row.getByRole("link", { name: "Budget" })).toHaveAttribute("href", "/limits?project=assistant");
  });

  it("are made with a name for programs and a title for people", async () => {
    const { user, house } = visit("/projects?new=1");
    const dialog = within(await screen.findByRole("dialog", { name: "Make a project" }));
    await user.type(dialog.getByLabelText("Name"), "chat");
    await user.type(dialog.getByLabelText("Title"), "Chat of the shop");
    await user.click(dialog.getByRole("button", { name: "Make a project" }));
    expect(await screen.findByRole("rowheader", { name: /Chat of the shop/ })).toBeVisible();
    expect(house.projects.at(-1)).toMatchObject({ tenant: "default", name: "chat", title: "Chat of the shop" });
  });

  it("stay while they have keys, and say so", async () => {
    const { user } = visit("/projects");
    await user.click(await screen.findByRole("button", { name: "Delete project assistant" }));
    const dialog = within(screen.getByRole("dialog"));
    await user.click(dialog.getByRole("button", { name: "Delete" }));
    expect(await dialog.findByRole("alert")).toHaveTextContent("revoke them first");
  });

  it("cannot lose the one that comes with the house", async () => {
    visit("/projects");
    expect(await screen.findByRole("button", { name: "Delete project default" })).toBeDisabled();
  });
});

describe("the tenants", () => {
  it("are shut out with a reason, and let in again", async () => {
    const { user, house } = visit("/tenants");
    await user.click(await screen.findByRole("button", { name: "Suspend tenant shop" }));
    const dialog = within(screen.getByRole("dialog"));
    await user.type(dialog.getByLabelText("Why"), "moved out");
    await user.click(dialog.getByRole("button", { name: "Suspend" }));
    expect(await screen.findByText("moved out")).toBeVisible();
    const row = within(screen.getByRole("rowheader", { name: /Shop/ }).closest("tr") as HTMLElement);
    await user.click(row.getByRole("button", { name: "Let in again" }));
    await waitFor(() => expect(house.tenants.find(({ name }) => name === "shop")?.suspended).toBe(""));
  });

  it("are made by those who look after the house", async () => {
    const { user, house } = visit("/tenants");
    await user.click(await screen.findByRole("button", { name: "Make a tenant" }));
    const dialog = within(screen.getByRole("dialog"));
    await user.type(dialog.getByLabelText("Name"), "north");
    await user.click(dialog.getByRole("button", { name: "Make a tenant" }));
    await waitFor(() => expect(house.tenants.at(-1)).toMatchObject({ name: "north", suspended: "" }));
  });
});
