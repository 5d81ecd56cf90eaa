import { screen, waitFor, within } from "@testing-library/react";
import { HttpResponse, http } from "msw";
import { describe, expect, it } from "vitest";
import { fakeHouse } from "~/mocks/house";
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

describe("what may happen to a model", () => {
  it("is nothing for those who may only look, who still read what it is", async () => {
    const house = fakeHouse();
    house.me = { ...house.me, permissions: ["models:read"] };
    visit("/models/tulou-demo?version=2", { house });
    expect(await screen.findByRole("heading", { name: "Version 2" })).toBeVisible();
    expect(screen.getAllByText("stable")[0]).toBeVisible();
    for (const name of ["Verify", "Set alias", "Promote", "Remove alias stable", "Delete version 2"])
      expect(screen.queryByRole("button", { name })).toBeNull();
  });

  it("rolls nothing over where no deployment follows the alias", async () => {
    const { user } = visit("/models/tulou-demo?version=3");
    await user.click(await screen.findByRole("button", { name: "Set alias" }));
    const dialog = within(screen.getByRole("dialog", { name: "Set an alias" }));
    await user.clear(dialog.getByLabelText("Alias"));
    await user.type(dialog.getByLabelText("Alias"), "preview");
    expect(await dialog.findByText(/nothing rolls over/)).toBeVisible();
    await user.click(dialog.getByRole("button", { name: "Set alias" }));
    expect(await screen.findByRole("button", { name: "Remove alias preview" })).toBeVisible();
  });

  it("takes an alias away", async () => {
    const { user, house } = visit("/models/tulou-demo?version=3");
    await user.click(await screen.findByRole("button", { name: "Remove alias canary" }));
    await waitFor(() => expect(screen.queryByRole("button", { name: "Remove alias canary" })).toBeNull());
    expect(house.versions.flatMap(({ aliases }) => aliases)).toEqual(["stable"]);
  });

  it("deletes a version after a second thought", async () => {
    const { user, house } = visit("/models/tulou-demo?version=1");
    await user.click(await screen.findByRole("button", { name: "Delete version 1" }));
    expect(house.versions).toHaveLength(3);
    await user.click(within(screen.getByRole("dialog")).getByRole("button", { name: "Delete" }));
    await waitFor(() => expect(house.versions.map(({ number }) => number)).toEqual([3, 2]));
  });

  it("says of a version that nobody signed that it is not", async () => {
    const house = fakeHouse();
    house.versions = house.versions.map((version) => ({ ...version, signature: null }));
    visit("/models/tulou-demo", { house });
    expect(await screen.findByText("Not signed")).toBeVisible();
  });

  it("imports with an alias only where one was typed", async () => {
    const asked: unknown[] = [];
    const imported = http.post("*/api/v1/models/import", async ({ request }) => {
      asked.push(await request.json());
      return HttpResponse.json({ job: "job_03" }, { status: 202 });
    });
    const { user } = visit("/models", { but: [imported] });
    await user.click(await screen.findByRole("button", { name: "Import" }));
    const dialog = within(screen.getByRole("dialog"));
    await user.type(dialog.getByLabelText("Path"), "/models/qwen");
    await user.type(dialog.getByLabelText("Name"), "qwen");
    await user.selectOptions(dialog.getByLabelText("Quantization"), "Q8_0");
    await user.click(dialog.getByRole("button", { name: "Import" }));
    expect(await dialog.findByText("Imported")).toBeVisible();
    expect(asked).toEqual([
      { path: "/models/qwen", model: "qwen", quantization: "Q8_0", description: "", aliases: [] },
    ]);
  });
});
