import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { attributesOf } from "~/features/shared/attributes";
import { visit } from "~/mocks/render";
import { emptyPerson, principalOf, thinkOfPassword } from "./person-form";

describe("the people", () => {
  it("show their roles, where those hold, and who is shut out", async () => {
    visit("/people");
    const table = within(await screen.findByRole("table", { name: "People" }));
    expect(table.getByText("developer @ assistant")).toBeVisible();
    expect(table.getByText("Suspended")).toBeVisible();
    expect(table.getByRole("link", { name: "Ada Lin" })).toHaveAttribute("href", "/people/default/ada");
  });

  it("are added with roles, attributes and a first password", async () => {
    const { user, house } = visit("/people");
    await user.click(await screen.findByRole("button", { name: "Add somebody" }));
    const dialog = within(screen.getByRole("dialog", { name: "Add a person or a program" }));
    await user.type(dialog.getByLabelText("Name"), "eve");
    await user.click(dialog.getByLabelText("E-mail"));
    await user.paste("eve@example.org");
    await user.click(dialog.getByLabelText("Password"));
    await user.paste("four words in a row");
    await user.click(dialog.getByRole("button", { name: "Add a role" }));
    await user.type(dialog.getAllByLabelText("Only in project").at(-1) as HTMLElement, "search");
    await user.type(dialog.getByLabelText("Attributes"), "team");
    expect(dialog.getByText("Line 1 is not name = value")).toBeVisible();
    await user.type(dialog.getByLabelText("Attributes"), " = red");
    await user.click(dialog.getByRole("button", { name: "Add somebody" }));
    await waitFor(() => expect(house.principals.at(-1)).toMatchObject({ name: "eve", attributes: { team: "red" } }));
    expect(house.principals.at(-1)?.roles).toEqual([
      { role: "developer", project: "" },
      { role: "viewer", project: "search" },
    ]);
    expect(house.principals.at(-1)?.has_password).toBe(true);
  });

  it("are shut out with a reason that they will read", async () => {
    const { user } = visit("/people/default/bo");
    await user.click(await screen.findByRole("button", { name: "Suspend" }));
    const dialog = within(screen.getByRole("dialog"));
    await user.type(dialog.getByLabelText("Why"), "left the company");
    await user.click(dialog.getByRole("button", { name: "Suspend" }));
    expect(await screen.findByText("left the company")).toBeVisible();
    expect(await screen.findByRole("button", { name: "Let in again" })).toBeVisible();
  });

  it("get a new password that nobody could guess, and keep everything else", async () => {
    const { user, house } = visit("/people/default/ada");
    await user.click(await screen.findByRole("button", { name: "Reset password" }));
    const dialog = within(screen.getByRole("dialog"));
    await user.click(dialog.getByRole("button", { name: "Think of one" }));
    expect(dialog.getByLabelText<HTMLInputElement>("Password").value).toMatch(/^([a-z2-9]{5}-){3}[a-z2-9]{5}$/);
    await user.click(dialog.getByRole("button", { name: "Reset password" }));
    expect(await dialog.findByText("The password is set.")).toBeVisible();
    const ada = house.principals.find(({ name }) => name === "ada");
    expect(ada).toMatchObject({ attributes: { team: "search", level: 3 }, roles: [{ role: "admin", project: "" }] });
  });

  it("are signed out elsewhere by those who may", async () => {
    const { user, house } = visit("/people/default/ada");
    await user.click(await screen.findByRole("button", { name: "End session ses_phone" }));
    await waitFor(() => expect(house.sessions.map(({ id }) => id)).toEqual(["ses_here"]));
  });

  it("are let go after a second thought", async () => {
    const { user, house } = visit("/people/default/ci");
    await user.click(await screen.findByRole("button", { name: "Delete" }));
    await user.click(within(screen.getByRole("dialog")).getByRole("button", { name: "Delete" }));
    expect(await screen.findByRole("heading", { name: "People", level: 1 })).toBeVisible();
    expect(house.principals.map(({ name }) => name)).not.toContain("ci");
  });
});

describe("the form of a person", () => {
  it("reads attributes as what they look like", () => {
    expect(attributesOf("team = red\n\nlevel: 3\nnight = true\nnote = a = b")).toEqual({
      team: "red",
      level: 3,
      night: true,
      note: "a = b",
    });
    expect(attributesOf("ok = 1\nnonsense")).toBe(2);
  });

  it("gives programs neither an address nor a password", () => {
    const form = { ...emptyPerson("default"), kind: "service", email: "a@b", password: "secret words" } as const;
    expect(principalOf(form)).toMatchObject({ email: "", password: null });
  });

  it("thinks of another password each time", () => {
    expect(thinkOfPassword()).not.toBe(thinkOfPassword());
  });
});
