import { screen, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { visit } from "~/mocks/render";

describe("the models", () => {
  it("are listed with what their aliases name", async () => {
    visit("/models");
    const row = within((await screen.findByRole("rowheader", { name: /tulou-demo/ })).closest("tr") as HTMLElement);
    expect(row.getByText("stable → 2")).toBeVisible();
    expect(row.getByText("canary → 3")).toBeVisible();
  });

  it("show a version's facts, files and card, and check its signature when asked", async () => {
    const { user } = visit("/models/tulou-demo");
    expect(await screen.findByRole("heading", { name: "Version 3" })).toBeVisible();
    expect(screen.getByRole("rowheader", { name: "model-q8_0.gguf" })).toBeVisible();
    expect(screen.getByRole("heading", { name: "Tulou demo" })).toBeVisible();
    await user.click(screen.getByRole("button", { name: "Verify" }));
    expect(await screen.findByText("Signature and digests hold")).toBeVisible();
  });

  it("name each file that is not what was signed", async () => {
    const { user } = visit("/models/tulou-demo?version=1");
    await user.click(await screen.findByRole("button", { name: "Verify" }));
    expect(await screen.findByRole("alert")).toHaveTextContent("model-q8_0.gguf: sha256 is not what was signed");
  });

  it("move an alias to the version that is shown", async () => {
    const { user, house } = visit("/models/tulou-demo?version=3");
    await user.click(await screen.findByRole("button", { name: "Set alias" }));
    const dialog = within(screen.getByRole("dialog"));
    await user.click(dialog.getByRole("button", { name: "Set alias" }));
    expect(await screen.findByRole("button", { name: "Remove alias stable" })).toBeVisible();
    expect(house.versions.find((version) => version.number === 2)?.aliases).toEqual([]);
  });

  it("are promoted, once it was said what rolls over", async () => {
    const { user, house } = visit("/models/tulou-demo?version=3");
    await user.click(await screen.findByRole("button", { name: "Promote" }));
    const dialog = within(screen.getByRole("dialog", { name: "Promote version 3" }));
    expect(await dialog.findByText(/roll over to version 3: tulou-demo \(2\)/)).toBeVisible();
    await user.click(dialog.getByRole("button", { name: "Promote" }));
    expect(await screen.findByRole("button", { name: "Remove alias stable" })).toBeVisible();
    expect(house.versions.find((version) => version.number === 3)?.aliases).toContain("stable");
  });

  it("keep a version that an alias names, and say why", async () => {
    const { user } = visit("/models/tulou-demo?version=2");
    await user.click(await screen.findByRole("button", { name: "Delete version 2" }));
    await user.click(within(screen.getByRole("dialog")).getByRole("button", { name: "Delete" }));
    expect(await screen.findByRole("alert")).toHaveTextContent("named by an alias");
  });

  it("are imported by a job that is followed", async () => {
    const { user } = visit("/models");
    await user.click(await screen.findByRole("button", { name: "Import" }));
    const dialog = within(screen.getByRole("dialog", { name: "Import a model" }));
    await user.type(dialog.getByLabelText("Path"), "/models/qwen");
    await user.type(dialog.getByLabelText("Name"), "qwen");
    await user.click(dialog.getByRole("button", { name: "Import" }));
    expect(await dialog.findByRole("progressbar")).toHaveAttribute("value", "0.62");
    expect(dialog.getByText(/hashing model-00002/)).toBeVisible();
  });
});
