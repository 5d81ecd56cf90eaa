import { screen, waitFor } from "@testing-library/react";
import axe from "axe-core";
import { describe, expect, it } from "vitest";
import { visit } from "~/mocks/render";

const ROOMS = [
  "/",
  "/playground",
  "/models",
  "/models/tulou-demo",
  "/deployments",
  "/deployments/qwen3-0.6b",
  "/keys",
  "/jobs",
  "/training",
  "/logs",
  "/usage",
  "/usage?tab=ledger",
  "/limits",
  "/upstreams",
  "/upstreams?tab=catalogue",
  "/upstreams?tab=prices",
  "/projects",
  "/people",
  "/people/default/ada",
  "/policies",
  "/tenants",
  "/audit",
  "/configuration",
  "/configuration?tab=compare",
  "/configuration?tab=change",
  "/me",
];

describe("every room", () => {
  it.each(ROOMS)("has no fault that a screen reader would stumble over: %s", async (path) => {
    visit(path);
    await screen.findByRole("heading", { level: 1 });
    await waitFor(() => expect(screen.queryByText("Loading")).toBeNull());
    // Colours need a real browser: the tests in Chromium check them.
    const { violations } = await axe.run(document.body, { rules: { "color-contrast": { enabled: false } } });
    expect(violations.map((violation) => `${violation.id}: ${violation.nodes[0]?.html}`)).toEqual([]);
  });

  it("is reached by the navigation, and the focus follows", async () => {
    const { user } = visit("/");
    await user.click(await screen.findByRole("link", { name: "Keys" }));
    expect(await screen.findByRole("heading", { name: "Keys", level: 1 })).toBeVisible();
    expect(screen.getByRole("link", { name: "Keys" })).toHaveAttribute("aria-current", "page");
    expect(screen.getByRole("main")).toHaveFocus();
    expect(document.title).toBe("Keys · Tulou");
  });

  it("says so where an address names none", async () => {
    visit("/nowhere");
    expect(await screen.findByRole("heading", { name: "There is no such page in this house" })).toBeVisible();
  });
});
