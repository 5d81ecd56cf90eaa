import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { visit } from "~/mocks/render";

describe("training", () => {
  it("shows how far a run is, and what one before it published", async () => {
    visit("/training");
    const table = within(await screen.findByRole("table", { name: "Training" }));
    expect(table.getByText("train · step 412 of 900 · loss 0.482 · 34 s to go")).toBeVisible();
    expect(table.getByRole("link", { name: "tulou-demo 3" })).toHaveAttribute("href", "/models/tulou-demo?version=3");
    expect(table.getByText("chat 8/8 · intent 28/28")).toBeVisible();
  });

  it("starts a run by a recipe", async () => {
    const { user, house } = visit("/training");
    await user.click(await screen.findByRole("button", { name: "Start a run" }));
    const dialog = within(screen.getByRole("dialog", { name: "Start a run" }));
    await user.selectOptions(await dialog.findByRole("combobox", { name: "Profile" }), "full");
    await user.click(dialog.getByRole("button", { name: "Start a run" }));
    await waitFor(() => expect(house.runs[0]).toMatchObject({ recipe: "demo", profile: "full", model: "" }));
  });

  it("cancels a run", async () => {
    const { user } = visit("/training");
    await user.click(await screen.findByRole("button", { name: "Cancel run run_02" }));
    expect(await screen.findByText("Cancelled")).toBeVisible();
  });
});
