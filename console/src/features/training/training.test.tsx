import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { fakeHouse } from "~/mocks/house";
import { visit } from "~/mocks/render";
import { run } from "~/mocks/work";

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

describe("a run", () => {
  it("that failed says why, and leads to no version", async () => {
    const house = fakeHouse();
    house.runs = [run("run_09", { state: "failed", step: 3, steps: 900, stage: "train", error: "loss is not finite" })];
    visit("/training", { house });
    const table = within(await screen.findByRole("table", { name: "Training" }));
    expect(table.getByText("loss is not finite")).toBeVisible();
    expect(table.queryByRole("link")).toBeNull();
    expect(table.queryByRole("button", { name: "Cancel run run_09" })).toBeNull();
  });

  it("is started under another name, and by the first profile where none is chosen", async () => {
    const { user, house } = visit("/training");
    await user.click(await screen.findByRole("button", { name: "Start a run" }));
    const dialog = within(screen.getByRole("dialog", { name: "Start a run" }));
    expect(await dialog.findByText(/from text that is ours\. \(Apache-2\.0\)/)).toBeVisible();
    await user.type(dialog.getByLabelText("Model"), " mine ");
    await user.click(dialog.getByRole("button", { name: "Start a run" }));
    await waitFor(() => expect(house.runs[0]).toMatchObject({ recipe: "demo", profile: "quick", model: "mine" }));
  });
});
