import { screen, waitFor, within } from "@testing-library/react";
import { HttpResponse, http } from "msw";
import { describe, expect, it } from "vitest";
import { visit } from "~/mocks/render";
import { server } from "~/mocks/server";
import { emptyForm, specOf } from "./deploy-form";

describe("the deployments", () => {
  it("say how they stand, and why where it is not well", async () => {
    visit("/deployments");
    expect(await screen.findByRole("img", { name: "1 of 3 replicas of qwen3-0.6b are running" })).toBeVisible();
    expect(screen.getByText("Degraded")).toBeVisible();
    expect(screen.getByText(/one failed 3 times/)).toBeVisible();
  });

  it("show each replica with its state, why and deadline", async () => {
    visit("/deployments/qwen3-0.6b");
    const table = within(await screen.findByRole("table", { name: "Replicas of qwen3-0.6b" }));
    expect(table.getByText("Warming up")).toBeVisible();
    expect(table.getByText(/not enough memory for a context of 32768/)).toBeVisible();
  });

  it("take one replica more", async () => {
    const { user, house } = visit("/deployments/tulou-demo");
    await user.click(await screen.findByRole("button", { name: "One replica more" }));
    await waitFor(() => expect(house.deployments[2]?.spec.replicas).toBe(4));
    expect(await screen.findByText("Starting")).toBeVisible();
  });

  it("are deleted after a second thought", async () => {
    const { user } = visit("/deployments/tulou-demo");
    await user.click(await screen.findByRole("button", { name: "Delete" }));
    const dialog = within(screen.getByRole("dialog", { name: "Delete deployment tulou-demo" }));
    await user.click(dialog.getByRole("checkbox", { name: /Force/ }));
    await user.click(dialog.getByRole("button", { name: "Delete" }));
    expect(await screen.findByRole("heading", { name: "Deployments", level: 1 })).toBeVisible();
    await waitFor(() => expect(screen.queryByRole("link", { name: "tulou-demo" })).toBeNull());
  });

  it("are left for the list also where the page finds one gone before it is told so", async () => {
    const { user, house } = visit("/deployments/tulou-demo");
    let answer = () => {};
    const deleted = new Promise<void>((resolve) => {
      answer = resolve;
    });
    server.use(
      http.delete("*/api/v1/deployments/:name", async () => {
        house.deployments = house.deployments.filter((item) => item.spec.name !== "tulou-demo");
        await deleted;
        return new HttpResponse(null, { status: 204 });
      }),
    );
    await user.click(await screen.findByRole("button", { name: "Delete" }));
    const dialog = within(screen.getByRole("dialog", { name: "Delete deployment tulou-demo" }));
    await user.click(dialog.getByRole("button", { name: "Delete" }));
    expect(await screen.findByText("There is no such page in this house", {}, { timeout: 5000 })).toBeVisible();
    answer();
    expect(await screen.findByRole("heading", { name: "Deployments", level: 1 })).toBeVisible();
  });

  it("are made from a model of the registry", async () => {
    const { user, house } = visit("/deployments?deploy=tulou-demo");
    const dialog = within(await screen.findByRole("dialog", { name: "Deploy a model" }));
    const name = dialog.getByLabelText("Name");
    expect(name).toHaveValue("tulou-demo");
    await user.click(dialog.getByRole("button", { name: "Deploy" }));
    expect(await dialog.findByRole("alert")).toHaveTextContent("choose another name");
    await user.clear(name);
    await user.type(name, "second");
    await user.click(dialog.getByRole("button", { name: "Deploy" }));
    expect(await screen.findByRole("link", { name: "second" })).toBeVisible();
    expect(house.deployments.at(-1)?.spec).toMatchObject({ model: "tulou-demo", reference: "stable", engine: "auto" });
  });

  it("say that there is none of a name that is gone", async () => {
    visit("/deployments/gone");
    expect(await screen.findByText("There is no such page in this house")).toBeVisible();
  });
});

describe("the deploy form", () => {
  it("asks for a service outside by its address, with a reference to its secret", () => {
    const form = {
      ...emptyForm(""),
      source: "remote",
      name: "gpt",
      baseUrl: "https://x/v1 ",
      remoteModel: "gpt-x",
      secret: "env://KEY",
    } as const;
    expect(specOf(form)).toMatchObject({
      name: "gpt",
      engine: "remote",
      model: "",
      upstreams: [{ base_url: "https://x/v1", model: "gpt-x", secret: "env://KEY" }],
    });
  });

  it("asks for an account at a vendor by its name alone", () => {
    const form = {
      ...emptyForm(""),
      source: "remote",
      name: "max",
      upstream: "qwen",
      remoteModel: "qwen-max",
    } as const;
    expect(specOf(form).upstreams).toEqual([
      { upstream: "qwen", model: "qwen-max", base_url: "", secret: "", weight: 1 },
    ]);
  });
});
