import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { visit } from "~/mocks/render";

describe("the configuration", () => {
  it("lists its revisions with author, reason and changes", async () => {
    visit("/configuration");
    const newest = within(await screen.findByRole("article", { name: "Revision 3" }));
    expect(newest.getByText("A budget before the sale")).toBeVisible();
    expect(newest.getByText("assistant-budget")).toBeInTheDocument();
    expect(newest.queryByRole("button", { name: /Roll back/ })).toBeNull();
  });

  it("shows how an old revision differs from now", async () => {
    const { user } = visit("/configuration");
    const old = within(await screen.findByRole("article", { name: "Revision 1" }));
    await user.click(old.getByRole("button", { name: "Compare with now" }));
    const diff = within(await screen.findByRole("group", { name: "Revision 1 → Now" }));
    expect(diff.getByText("projects: []")).toBeVisible();
    expect(diff.getByText("- name: assistant-budget")).toBeVisible();
  });

  it("becomes what it was, for a reason that is kept", async () => {
    const { user, house } = visit("/configuration");
    await user.click(await screen.findByRole("button", { name: "Roll back to revision 1" }));
    const dialog = within(screen.getByRole("dialog"));
    expect(await dialog.findByText(/3 keys end at once/)).toBeVisible();
    expect(dialog.getByText(/2 keys, disabled until somebody enables them/)).toBeVisible();
    expect(dialog.getByText("default/ben")).toBeVisible();
    await user.type(dialog.getByLabelText("Why"), "the sale is over");
    await user.click(dialog.getByRole("button", { name: "Roll back" }));
    expect(await screen.findByRole("article", { name: "Revision 4" })).toBeVisible();
    expect(house.revisions[0]).toMatchObject({ source: "rollback", reason: "the sale is over" });
  });

  it("does not become what it was by a plan that is old", async () => {
    const { user, house } = visit("/configuration");
    await user.click(await screen.findByRole("button", { name: "Roll back to revision 1" }));
    const dialog = within(screen.getByRole("dialog"));
    await dialog.findByText(/3 keys end at once/);
    const kept = house.revisions;
    house.revisions = [{ ...(kept[0] as (typeof kept)[number]), number: 9 }, ...kept];
    await user.type(dialog.getByLabelText("Why"), "the sale is over");
    await user.click(dialog.getByRole("button", { name: "Roll back" }));
    expect(await dialog.findByRole("alert")).toHaveTextContent("plan again");
  });

  it("is planned before it is applied: what changes, and who would have been refused", async () => {
    const { user, house } = visit("/configuration?tab=change");
    await user.click(await screen.findByRole("button", { name: "Start from now" }));
    const text = screen.getByLabelText(/Paste a document/);
    await waitFor(() => expect(text).toHaveValue(house.documents.at(-1)));
    await user.type(text, "# more");
    await user.click(screen.getByRole("button", { name: "Plan" }));
    expect(await screen.findByText(/31 would have been decided differently/)).toBeVisible();
    expect(screen.getByText("assistant-budget is reached")).toBeVisible();
    await user.type(screen.getByLabelText("Why"), "more for the sale");
    await user.click(screen.getByRole("button", { name: "Apply" }));
    expect(await screen.findByText(/Revision 4 holds now/)).toBeVisible();
    expect(house.documents.at(-1)).toContain("# more");
  });

  it("is told where a document is wrong, and what was probably meant", async () => {
    const { user } = visit("/configuration?tab=change");
    const text = await screen.findByLabelText(/Paste a document/);
    await user.type(text, "limmits: 1");
    await user.click(screen.getByRole("button", { name: "Plan" }));
    expect(await screen.findByRole("alert")).toHaveTextContent("did you mean 'limits'?");
    expect(text).toBeInvalid();
    expect(screen.queryByRole("button", { name: "Apply" })).toBeNull();
  });

  it("offers nothing to apply where nothing differs", async () => {
    const { user } = visit("/configuration?tab=change");
    await user.click(await screen.findByRole("button", { name: "Start from now" }));
    await waitFor(() => expect(screen.getByRole("button", { name: "Plan" })).toBeEnabled());
    await user.click(screen.getByRole("button", { name: "Plan" }));
    expect(await screen.findByText("Nothing differs")).toBeVisible();
    expect(screen.queryByRole("button", { name: "Apply" })).toBeNull();
  });
});
