import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { price } from "~/mocks/account";
import { fakeHouse } from "~/mocks/house";
import { visit } from "~/mocks/render";
import { fits } from "./catalogue";
import { fitsAny, priceFormOf, priceOf, standingOf } from "./price-form";

describe("the upstreams", () => {
  it("show how each credential is received, and why, but never what it is", async () => {
    visit("/upstreams");
    const table = within(await screen.findByRole("table", { name: "Credentials: qwen" }));
    expect(table.getByText("cooling")).toBeVisible();
    expect(table.getByText(/the vendor no longer knows it/)).toBeVisible();
    expect(table.getAllByText("…9x2k")).toHaveLength(3);
  });

  it("use a retired credential again when somebody says so", async () => {
    const { user } = visit("/upstreams");
    await user.click(await screen.findByRole("button", { name: "Revive credential old" }));
    await waitFor(() => expect(screen.queryByText("retired")).toBeNull());
  });

  it("are found in the catalogue, and added with a credential that is not shown again", async () => {
    const { user, house } = visit("/upstreams?tab=catalogue");
    await user.type(await screen.findByLabelText("Search vendors"), "azure");
    expect(await screen.findByText("1 vendors")).toBeVisible();
    await user.click(screen.getByRole("button", { name: "Add an upstream at Azure OpenAI" }));
    const dialog = within(screen.getByRole("dialog"));
    expect(dialog.getByRole("button", { name: "Add" })).toBeDisabled();
    await user.type(dialog.getByLabelText("resource"), "my-company");
    await user.type(dialog.getByLabelText("Credential"), "sk-very-secret");
    await user.click(dialog.getByRole("button", { name: "Add" }));
    expect(await screen.findByRole("table", { name: "Credentials: azure" })).toBeVisible();
    expect(house.upstreams.at(-1)?.credentials).toHaveLength(1);
    expect(document.body.innerHTML).not.toContain("sk-very-secret");
  });

  it("say so when they are made but their credential is not taken", async () => {
    const { user } = visit("/upstreams?tab=catalogue");
    await user.click(await screen.findByRole("button", { name: "Add an upstream at OpenAI" }));
    const dialog = within(screen.getByRole("dialog"));
    await user.type(dialog.getByLabelText("Credential"), "bad");
    await user.click(dialog.getByRole("button", { name: "Add" }));
    expect(await dialog.findByText(/its credential could not be added/)).toBeVisible();
    expect(dialog.getByText("a secret has at least 8 characters")).toBeVisible();
  });

  it("that need no proof ask for none", async () => {
    const { user, house } = visit("/upstreams?tab=catalogue");
    await user.click(await screen.findByRole("button", { name: "Add an upstream at Ollama" }));
    const dialog = within(screen.getByRole("dialog"));
    expect(dialog.queryByLabelText("Credential")).toBeNull();
    await user.click(dialog.getByRole("button", { name: "Add" }));
    await waitFor(() => expect(house.upstreams.at(-1)?.spec.name).toBe("ollama"));
  });

  it("are searched by anything that is known of a vendor", () => {
    const [anthropic] = fakeHouse().providers;
    if (!anthropic) throw new Error("no vendor");
    expect([fits(anthropic, "ANTHROPIC tools"), fits(anthropic, "api. images"), fits(anthropic, "rerank")]).toEqual([
      true,
      true,
      false,
    ]);
  });
});

describe("the price book", () => {
  it("shows what holds and what will, and the past when asked for", async () => {
    const house = { ...fakeHouse(Math.floor(Date.now() / 1000)) };
    const { user } = visit("/upstreams?tab=prices", { house });
    const table = within(await screen.findByRole("table", { name: "Prices" }));
    expect(table.getByText("from then on")).toBeVisible();
    expect(table.queryByText("past")).toBeNull();
    await user.click(screen.getByRole("checkbox", { name: "Show past prices" }));
    expect(await table.findByText("past")).toBeVisible();
  });

  it("takes a price from a day on", async () => {
    const { user, house } = visit("/upstreams?tab=prices");
    await user.click(await screen.findByRole("button", { name: "Add a price" }));
    const dialog = within(screen.getByRole("dialog"));
    await user.type(dialog.getByLabelText("Model"), "demo-*");
    await user.type(dialog.getByLabelText("Input"), "0.5");
    await user.type(dialog.getByLabelText("Output"), "1.5");
    await user.click(dialog.getByRole("button", { name: "Add a price" }));
    await waitFor(() =>
      expect(house.prices.at(-1)).toMatchObject({ model: "demo-*", input: 0.5, cached: null, since: 0 }),
    );
  });

  it("forgets a price after a second thought", async () => {
    const { user, house } = visit("/upstreams?tab=prices");
    await user.click(
      await screen.findByRole("button", { name: "Delete the price of all-minilm-l6-v2 from since ever" }),
    );
    await user.click(within(screen.getByRole("dialog")).getByRole("button", { name: "Delete" }));
    await waitFor(() => expect(house.prices.map(({ model }) => model)).not.toContain("all-minilm-l6-v2"));
  });
});

describe("the form of a price", () => {
  it("asks for what it was made of", () => {
    const one = price({ model: "a", since: 1_795_253_400, input: 1, output: 2, cached: 0, batch_factor: 0.5 });
    const { version: _, cache_written_hour: __, tiers: ___, ...asked } = one;
    expect(priceOf(priceFormOf(one))).toEqual(asked);
  });

  it("leaves to plain rates what is not typed, and charges nothing else", () => {
    const form = { ...priceFormOf(null), model: "a", input: "1", output: "2" };
    expect(priceOf(form)).toMatchObject({ reasoning: null, image: 0, batch_factor: 1, since: 0 });
  });

  it("knows which of several holds", () => {
    const all = [0, 100, 200].map((since) => price({ model: "a", since }));
    expect(all.map((one) => standingOf(one, all, 150))).toEqual(["past", "now", "later"]);
  });
});

describe("whether a price fits anything", () => {
  const there = [{ names: ["gpt-4o", "assistant"], provider: "openai" }];

  it("goes by what answers, its deployment or its route, and by its provider", () => {
    const matches = (model: string, provider = "") => fitsAny({ model, provider }, there);
    expect([matches("gpt-4o"), matches("gpt-*", "open*"), matches("assistant"), matches("?pt-4o")]).toEqual([
      true,
      true,
      true,
      true,
    ]);
    expect([matches("gpt-4"), matches("gpt-4o", "azure"), matches("gpt.4o"), matches("a|gpt-4o")]).toEqual([
      false,
      false,
      false,
      false,
    ]);
  });
});
