import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { fakeHouse } from "~/mocks/house";
import { visit } from "~/mocks/render";
import { PAGES } from "./table";

const EXAMPLES: Readonly<Record<string, string>> = {
  "/deployments/:name": "/deployments/qwen3-0.6b",
  "/models/:name": "/models/tulou-demo",
  "/people/:tenant/:name": "/people/default/ada",
};

const addressOf = (path: string) => EXAMPLES[path] ?? path;

function houseOf(...permissions: string[]) {
  const house = fakeHouse();
  house.me = { ...house.me, permissions };
  return house;
}

const guarded = PAGES.flatMap(({ path, permission }) => (permission === null ? [] : [[path, permission] as const]));
const open = PAGES.flatMap(({ path, permission }) => (permission === null ? [path] : []));

describe("a page of the table", () => {
  it.each(guarded)("shows %s to who has %s and nothing else", async (path, permission) => {
    visit(addressOf(path), { house: houseOf(permission) });
    expect(await screen.findByRole("heading", { level: 1 })).toBeVisible();
    expect(screen.queryByText(/This page asks for the permission/)).toBeNull();
    expect(screen.queryByText("This page stumbled")).toBeNull();
  });

  it.each(guarded)("refuses %s with words to who may do all but %s", async (path, permission) => {
    const [noun] = permission.split(":");
    const { house } = visit(addressOf(path), { house: houseOf("*:*", `-${noun}:*`) });
    expect(await screen.findByText(`This page asks for the permission ${permission}`)).toBeVisible();
    expect(screen.getByRole("link", { name: "To the overview" })).toHaveAttribute("href", "/");
    expect(house.me.permissions).toContain(`-${noun}:*`);
  });

  it.each(open)("shows %s to everybody who is signed in", async (path) => {
    visit(path, { house: houseOf() });
    expect(await screen.findByRole("heading", { level: 1 })).toBeVisible();
    expect(screen.queryByText(/This page asks for the permission/)).toBeNull();
  });

  it("is in the menu for those alone who may see it", async () => {
    visit("/", { house: houseOf("keys:read") });
    const menu = await screen.findByRole("navigation", { name: "Rooms" });
    await waitFor(() => expect(within(menu).getByRole("link", { name: "Keys" })).toBeVisible());
    const links = within(menu).getAllByRole("link");
    expect(links.map(({ textContent }) => textContent)).toEqual(["Overview", "Playground", "Keys", "API reference"]);
  });

  it("has an address of its own, and the menu a page for each icon", () => {
    expect(new Set(PAGES.map(({ path }) => path)).size).toBe(PAGES.length);
    const shown = PAGES.flatMap(({ menu }) => (menu === null ? [] : [menu.icon]));
    expect(new Set(shown).size).toBe(shown.length);
  });

  it("begins anew where its address names another thing", () => {
    const [one, other] = PAGES.flatMap(({ path, render }) =>
      path === "/models/:name" ? [render({ name: "a" }).key, render({ name: "b" }).key] : [],
    );
    expect(one).not.toBe(other);
  });
});
