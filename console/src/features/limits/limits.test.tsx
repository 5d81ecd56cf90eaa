import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { MEASURES } from "~/api/measures";
import { formats } from "~/lib/format";
import { translator } from "~/lib/i18n/translate";
import { limit } from "~/mocks/account";
import { fakeHouse } from "~/mocks/house";
import { visit } from "~/mocks/render";
import { emptyForm, formOf, limitOf, withMeasure } from "./limit-form";
import { meaningOf } from "./sentence";

describe("the limits", () => {
  it("say how full they are, where they are heading, and when they start anew", async () => {
    visit("/limits");
    const card = within(await screen.findByRole("article", { name: "assistant-budget" }));
    expect(await card.findByText("near the edge")).toBeVisible();
    const meter = card.getByRole("meter", { name: /\$181\.40 of \$250\.00/ });
    expect(meter).toHaveAttribute("aria-valuenow", "183.5");
    expect(card.getByText(/\$2\.10 held .* forecast \$262\.00/)).toBeVisible();
    expect(card.getByText(/resets in/)).toBeVisible();
  });

  it("stand for each of many subjects, the fullest first", async () => {
    visit("/limits");
    const card = within(await screen.findByRole("article", { name: "keys-per-minute" }));
    expect(await card.findByText("reached")).toBeVisible();
    const names = () => card.getAllByText(/^(ci|shop-assistant)$/).map(({ textContent }) => textContent);
    await waitFor(() => expect(names()).toEqual(["ci", "shop-assistant"]));
  });

  it("are set with a sentence that says what they will mean", async () => {
    const { user, house } = visit("/limits?project=search");
    const dialog = within(await screen.findByRole("dialog", { name: "Add a limit" }));
    expect(dialog.getByText(/The project search may spend \$10\.00 a month/)).toBeVisible();
    await user.type(dialog.getByLabelText("Name"), "search-month");
    await user.clear(dialog.getByLabelText("How much"));
    await user.type(dialog.getByLabelText("How much"), "25.5");
    await user.click(dialog.getByRole("button", { name: "Add a limit" }));
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    expect(house.limits.at(-1)).toMatchObject({
      name: "search-month",
      amount: 25.5,
      subject: "search",
      away: "refuse",
    });
    expect(await screen.findByRole("article", { name: "search-month" })).toBeVisible();
  });

  it("are refused with the house's words", async () => {
    const { user } = visit("/limits?project=nobody");
    const dialog = within(await screen.findByRole("dialog", { name: "Add a limit" }));
    await user.type(dialog.getByLabelText("Name"), "x");
    await user.click(dialog.getByRole("button", { name: "Add a limit" }));
    expect(await dialog.findByRole("alert")).toHaveTextContent("name one that there is");
  });

  it("go only after a second thought", async () => {
    const { user, house } = visit("/limits");
    await user.click(await screen.findByRole("button", { name: "Delete limit shop-key-budget" }));
    await user.click(within(screen.getByRole("dialog")).getByRole("button", { name: "Delete" }));
    await waitFor(() => expect(house.limits.map(({ name }) => name)).not.toContain("shop-key-budget"));
  });

  it("are only looked at by those who may not change them", async () => {
    const house = fakeHouse();
    house.me = { ...house.me, permissions: ["limits:read"] };
    visit("/limits", { house });
    expect(await screen.findByRole("article", { name: "assistant-budget" })).toBeVisible();
    expect(screen.queryByRole("button", { name: /^(Add|Edit|Delete)/ })).toBeNull();
  });
});

describe("the meaning of a limit", () => {
  const say = (part: Parameters<typeof limit>[0]) => meaningOf(limit(part), translator("en"), formats("en"))[0];

  it("is a sentence for each kind", () => {
    expect(say({ name: "a", scope: "key", measure: "requests", amount: 5, period: "second" })).toBe(
      "Each key may make 5 requests a second.",
    );
    expect(say({ name: "a", scope: "tenant", subject: "shop", measure: "tokens", amount: 2e6, period: "day" })).toMatch(
      /^The tenant shop may use 2M tokens a day; the count starts anew at midnight UTC\./,
    );
    expect(say({ name: "a", scope: "house", measure: "concurrency", amount: 8, period: "none" })).toBe(
      "The house as a whole may have 8 requests on their way at a time.",
    );
    expect(say({ name: "a", models: ["qwen-*", "demo"], amount: 3 })).toBe(
      "Each project may spend $3.00 a month on qwen-*, demo.",
    );
  });
});

describe("the form of a limit", () => {
  it("asks for what it was made of", () => {
    const one = limit({ name: "a", warn_at: [0.5, 0.855], models: ["x", "y-*"] });
    expect(limitOf(formOf(one))).toEqual(one);
  });

  it("offers the periods that make sense, and moves to one of them", () => {
    expect(MEASURES.cost.periods).toEqual(["hour", "day", "month"]);
    const form = withMeasure(emptyForm("default"), "concurrency");
    expect(form.period).toBe("none");
    expect(withMeasure(form, "requests").period).toBe("month");
  });

  it("leaves out warnings that are none", () => {
    expect(limitOf({ ...emptyForm("default"), warnAt: "90, 50, 0, 400, x" }).warn_at).toEqual([0.5, 0.9]);
  });
});
