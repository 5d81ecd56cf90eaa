import { screen, waitFor, within } from "@testing-library/react";
import { HttpResponse, http } from "msw";
import { describe, expect, it } from "vitest";
import type { Entry } from "~/api/metering";
import { bucketsOf, spanOf } from "~/features/shared/span";
import { account } from "~/mocks/account";
import { fakeHouse } from "~/mocks/house";
import { visit } from "~/mocks/render";
import { server } from "~/mocks/server";
import { deeper, questionOf, searchOf } from "./question";

const clock = () => Math.floor(Date.now() / 1000);
/** A house whose ledger reaches into this minute. */
const busy = () => ({ ...fakeHouse(), ...account(clock()) });

describe("usage", () => {
  it("is summed up: in all, over time, and model by model", async () => {
    visit("/usage?span=month30", { house: busy() });
    const table = within(await screen.findByRole("table", { name: "Cost by model" }));
    expect(table.getByRole("rowheader", { name: "claude-sonnet" })).toBeVisible();
    expect(await screen.findByRole("img", { name: /^Cost over time\. .*claude-sonnet: \$/ })).toBeVisible();
    expect(screen.getByText(/a request$/)).toBeVisible();
  });

  it("tells the parts of one bar to the arrow keys", async () => {
    const { user } = visit("/usage?span=month30", { house: busy() });
    const chart = await screen.findByRole("img", { name: /^Cost over time/ });
    chart.focus();
    await user.keyboard("{ArrowLeft}{ArrowLeft}");
    expect(within(chart).getByRole("status")).toHaveTextContent(/\$/);
  });

  it("is right in all though there are more groups than a table shows", async () => {
    const house = busy();
    const keys = Array.from({ length: 130 }, (_, place) => `key_${String(place).padStart(3, "0")}`);
    house.entries = keys.map((key, place) => ({
      ...(house.entries[0] as Entry),
      id: key,
      key,
      at: clock() - 60,
      cost: (place + 1) * 1_000_000,
      refused_by: "",
    }));
    const { user } = visit("/usage?span=week&by=key", { house });
    const table = within(await screen.findByRole("table", { name: "Cost by key" }));
    const names = () => table.getAllByRole("rowheader").map((cell) => cell.textContent);
    await waitFor(() => expect(names()).toHaveLength(101));
    expect([names()[0], names().at(-1)]).toEqual(["key_129", "Others"]);
    const others = within(table.getByRole("row", { name: /^Others/ })).getAllByRole("cell");
    expect(others.slice(0, 2).map((cell) => cell.textContent)).toEqual(["$465.00", "30"]); // 1 to 30
    expect(screen.getByText("$8,515.00")).toBeVisible(); // 1 to 130
    const chart = await screen.findByRole("img", { name: /key_129: \$130/ });
    expect(chart).toHaveAccessibleName(/Others: \$7,750/); // all but the six largest
    await user.click(screen.getByRole("button", { name: "Show more" }));
    await waitFor(() => expect(names()).toHaveLength(130));
    expect(names().at(-1)).toBe("key_000");
  });

  it("leads from a group into what it is made of, and back", async () => {
    const { user } = visit("/usage?span=month30&by=project", { house: busy() });
    await user.click(await screen.findByRole("button", { name: "assistant" }));
    const filters = within(await screen.findByRole("list", { name: "Filters" }));
    expect(filters.getByText("assistant")).toBeVisible();
    expect(await screen.findByRole("table", { name: "Cost by key" })).toBeVisible();
    expect(location.search).toContain("project=assistant");
    await user.click(filters.getByRole("button", { name: "Remove filter Project" }));
    await waitFor(() => expect(screen.queryByRole("list", { name: "Filters" })).toBeNull());
  });

  it("counts tokens or requests when asked to", async () => {
    const { user } = visit("/usage?span=month30", { house: busy() });
    await user.click(await screen.findByRole("radio", { name: "Requests" }));
    expect(await screen.findByRole("table", { name: "Requests by model" })).toBeVisible();
  });

  it("says what to do where nothing was used", async () => {
    visit("/usage?span=custom&from=2020-01-01&to=2020-01-02");
    expect(await screen.findByText("Nothing was used in this span")).toBeVisible();
  });

  it("is computed anew by a job, and says which", async () => {
    const { user } = visit("/usage");
    await user.click(await screen.findByRole("button", { name: "Recompute" }));
    const dialog = within(screen.getByRole("dialog"));
    await user.click(dialog.getByRole("button", { name: "Recompute" }));
    expect(await dialog.findByText(/job_recompute/)).toBeVisible();
    expect(dialog.getByRole("button", { name: "Recompute" })).toBeDisabled();
  });

  it("goes into a file with the key that a link could not carry", async () => {
    const { user } = visit("/usage?span=today");
    URL.createObjectURL = () => "blob:x";
    URL.revokeObjectURL = () => undefined;
    let key: string | null = null;
    server.use(
      http.get("*/api/v1/usage/csv", ({ request }) => {
        key = request.headers.get("authorization");
        return HttpResponse.text("start,cost\n");
      }),
    );
    await user.click(await screen.findByRole("button", { name: "Download CSV" }));
    await waitFor(() => expect(key).toMatch(/^Bearer /));
  });
});

describe("the ledger", () => {
  it("is read page by page, and each entry says why it cost what it did", async () => {
    const { user } = visit("/usage?tab=ledger&span=month30", { house: busy() });
    const table = within(await screen.findByRole("table", { name: "Entries" }));
    expect(table.getAllByRole("rowheader")).toHaveLength(20);
    await user.click(screen.getByRole("button", { name: "Show more" }));
    await waitFor(() => expect(table.getAllByRole("rowheader")).toHaveLength(40));
    await user.click(within(table.getAllByRole("rowheader")[0] as HTMLElement).getByRole("button"));
    const dialog = within(screen.getByRole("dialog"));
    expect(dialog.getByText("Counted")).toBeVisible();
    expect(dialog.getByText(/Priced by version 3|No price was known/)).toBeVisible();
  });

  it("is in the house's currency", async () => {
    const inEuros = http.get("*/api/v1/prices", () => HttpResponse.json({ items: [], version: 3, currency: "EUR" }));
    visit("/usage?tab=ledger&span=month30", { house: busy(), but: [inEuros] });
    const table = within(await screen.findByRole("table", { name: "Entries" }));
    await waitFor(() => expect(table.getAllByText(/€/)).not.toHaveLength(0));
  });

  it("tells those who look over the house how much is on no bill", async () => {
    const house = { ...busy(), waiting: 3 };
    visit("/usage?tab=ledger&span=month30", { house });
    expect(await screen.findByText(/on no bill: 3/)).toBeVisible();
  });

  it("does not ask for what a tenant's people may not see", async () => {
    const house = { ...busy(), waiting: 3 };
    house.me = { ...house.me, house: false };
    visit("/usage?tab=ledger&span=month30", { house });
    await screen.findByRole("table", { name: "Entries" });
    expect(screen.queryByText(/on no bill/)).toBeNull();
  });

  it("is not offered to those who may not read it", async () => {
    const house = busy();
    house.me = { ...house.me, permissions: ["usage:read"] };
    visit("/usage", { house });
    await screen.findByRole("tab", { name: "Usage" });
    expect(screen.queryByRole("tab", { name: "Ledger" })).toBeNull();
    expect(screen.queryByRole("button", { name: "Recompute" })).toBeNull();
  });
});

describe("a span", () => {
  const noon = Date.UTC(2026, 10, 21, 12, 30) / 1000;

  it("is as long as its name says, and ends with the hour that runs", () => {
    expect(bucketsOf(spanOf("today", noon))).toHaveLength(13);
    expect(bucketsOf(spanOf("week", noon))).toHaveLength(7);
    expect(bucketsOf(spanOf("month30", noon))).toHaveLength(30);
    expect(bucketsOf(spanOf("month", noon))).toHaveLength(21);
  });

  it("takes both of its days in, and bars that can be told apart", () => {
    const days = spanOf("custom", noon, "2026-11-01", "2026-11-02");
    expect([days.bucket, bucketsOf(days).length, days.live]).toEqual(["hour", 48, false]);
    const year = spanOf("custom", noon, "2026-01-01", "2026-11-30");
    expect([year.bucket, bucketsOf(year).length, year.live]).toEqual(["month", 11, true]);
  });
});

describe("a question", () => {
  it("is the same after a way through the address", () => {
    const search = new URLSearchParams(
      "tab=ledger&span=custom&from=2026-01-01&to=2026-01-31&by=key&show=tokens&key=k1",
    );
    expect(searchOf(questionOf(search))).toEqual(Object.fromEntries(search));
  });

  it("falls back to what there is, whatever somebody typed", () => {
    expect(questionOf(new URLSearchParams("span=aeon&by=mood"))).toMatchObject({ span: "week", by: "model" });
  });

  it("looks next into what is not fixed yet", () => {
    expect(deeper("project", { project: "a" })).toBe("key");
    expect(deeper("key", { project: "a", key: "k", model: "m" })).toBe("served_by");
  });
});
