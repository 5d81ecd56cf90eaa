import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { fakeHouse } from "~/mocks/house";
import { visit } from "~/mocks/render";
import { changed, emptyPerson, personFormOf, principalOf } from "./person-form";

const bo = () => {
  const found = fakeHouse().principals.find(({ name }) => name === "bo");
  if (!found) throw new Error("no bo");
  return found;
};

describe("the form of somebody who is known", () => {
  it("asks for what it was made of, and for no other password", () => {
    const { tenant, name, kind, title, email, roles, attributes, suspended } = bo();
    expect(principalOf(personFormOf(bo()))).toEqual({
      tenant,
      name,
      kind,
      title,
      email,
      roles,
      attributes,
      suspended,
      password: null,
    });
  });

  it("changes one thing and nothing else", () => {
    expect(changed(bo(), {})).toEqual(principalOf(personFormOf(bo())));
    expect(changed(bo(), { suspended: "left" })).toEqual(changed({ ...bo(), suspended: "left" }, {}));
  });

  it("says the line of attributes that is none", () => {
    expect(principalOf({ ...emptyPerson("default"), attributes: "a = 1\n\nb" })).toBe(3);
  });
});

describe("roles of somebody", () => {
  it("are given and taken, each in the whole tenant or in one project", async () => {
    const { user, house } = visit("/people/default/ada");
    await user.click(await screen.findByRole("button", { name: "Edit" }));
    const dialog = within(screen.getByRole("dialog"));
    expect(dialog.getByLabelText("Name")).toHaveAttribute("readonly");
    await user.click(dialog.getByRole("button", { name: "Add a role" }));
    const [first] = dialog.getAllByRole("button", { name: /^Remove/ });
    await user.click(first as HTMLElement);
    await user.click(dialog.getByRole("button", { name: "Save" }));
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    const ada = house.principals.find(({ name }) => name === "ada");
    expect(ada?.roles).toEqual([{ role: "viewer", project: "" }]);
    expect(ada?.attributes).toEqual({ team: "search", level: 3 });
  });

  it("are not offered to those who may only look", async () => {
    const house = fakeHouse();
    house.me = { ...house.me, permissions: ["*:read"] };
    visit("/people/default/ada", { house });
    expect(await screen.findByRole("table", { name: "Sessions" })).toBeVisible();
    for (const name of ["Edit", "Suspend", "Reset password", "Delete", /^End session/])
      expect(screen.queryByRole("button", { name })).toBeNull();
  });

  it("of programs come without a password to reset", async () => {
    visit("/people/default/ci");
    expect(await screen.findByRole("button", { name: "Edit" })).toBeVisible();
    expect(screen.queryByRole("button", { name: "Reset password" })).toBeNull();
  });
});
