import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { placesOf } from "~/features/shared/faults";
import { visit } from "~/mocks/render";

describe("roles", () => {
  it("of the house cannot be changed, others can", async () => {
    visit("/policies");
    await screen.findByRole("rowheader", { name: /operator/ });
    expect(screen.queryByRole("button", { name: "Edit role operator" })).toBeNull();
    expect(screen.getByRole("button", { name: "Edit role night-shift" })).toBeVisible();
  });

  it("are made of permissions, however those are separated", async () => {
    const { user, house } = visit("/policies");
    await user.click(await screen.findByRole("button", { name: "Make a role" }));
    const dialog = within(screen.getByRole("dialog"));
    await user.type(dialog.getByLabelText("Name"), "biller");
    await user.type(dialog.getByLabelText("Permissions"), "usage:read, prices:*{enter}ledger:read");
    await user.click(dialog.getByRole("button", { name: "Make a role" }));
    await waitFor(() =>
      expect(house.roles.at(-1)).toMatchObject({
        name: "biller",
        permissions: ["usage:read", "prices:*", "ledger:read"],
        house: false,
      }),
    );
  });

  it("go after a second thought", async () => {
    const { user, house } = visit("/policies");
    await user.click(await screen.findByRole("button", { name: "Delete role night-shift" }));
    await user.click(within(screen.getByRole("dialog")).getByRole("button", { name: "Delete" }));
    await waitFor(() => expect(house.roles.map(({ name }) => name)).not.toContain("night-shift"));
  });
});

describe("policies", () => {
  it("with a fault are told where it is, and are not in force", async () => {
    const { user, house } = visit("/policies");
    await user.click(await screen.findByRole("tab", { name: "Policies" }));
    await user.click(await screen.findByRole("button", { name: "Write a policy" }));
    await user.type(screen.getByLabelText("Name"), "mine");
    const text = screen.getByLabelText("Cedar");
    await user.clear(text);
    await user.paste("forbid (principal, action, resource)");
    await user.click(screen.getByRole("button", { name: "Check" }));
    expect(await screen.findByText("Line 3, column 7")).toBeVisible();
    expect(text).toBeInvalid();
    await user.type(text, ";");
    await user.click(screen.getByRole("button", { name: "Check" }));
    expect(await screen.findByText("The policy is valid.")).toBeVisible();
    expect(house.policies).toHaveLength(1);
    await user.click(screen.getByRole("button", { name: "Save" }));
    expect(await screen.findByRole("article", { name: "mine" })).toBeVisible();
    expect(house.policies.at(-1)).toMatchObject({ name: "mine", enabled: true });
  });

  it("can rest without being forgotten", async () => {
    const { user, house } = visit("/policies");
    await user.click(await screen.findByRole("tab", { name: "Policies" }));
    await user.click(await screen.findByRole("checkbox", { name: "In force" }));
    await waitFor(() => expect(house.policies[0]?.enabled).toBe(false));
  });

  it("are asked without anything being done", async () => {
    const { user } = visit("/policies");
    await user.click(await screen.findByRole("tab", { name: "Try" }));
    await user.click(screen.getByRole("button", { name: "Ask" }));
    expect(await screen.findByText("Allowed")).toBeVisible();
    await user.clear(screen.getByLabelText("Action"));
    await user.type(screen.getByLabelText("Action"), "keys:write");
    await user.click(screen.getByRole("button", { name: "Ask" }));
    expect(await screen.findByText("Denied")).toBeVisible();
    expect(screen.getByText(/no role permits keys:write/)).toBeVisible();
  });
});

describe("places in a text", () => {
  it("are read from the house's words, each once", () => {
    const error = new Error("the policy a, line 4, column 20: x; line 4, column 20; line 9 column 1");
    expect(placesOf(error)).toEqual([
      { line: 4, column: 20 },
      { line: 9, column: 1 },
    ]);
    expect(placesOf(null)).toEqual([]);
  });
});
