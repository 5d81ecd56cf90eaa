/** Usage, ledger, prices and limits of the pretended house. */
import { HttpResponse, http } from "msw";
import type { Limit } from "~/api/limits";
import type { Entry, Price, UsageRow } from "~/api/metering";
import { rowsOf } from "./account";
import type { FakeHouse } from "./house";
import { fault } from "./replies";

const DIMENSIONS = ["tenant", "project", "principal", "key", "model", "served_by", "provider", "endpoint"];
const PAGE = 20;

function filtersOf(asked: URLSearchParams): Map<string, readonly string[]> {
  return new Map(DIMENSIONS.flatMap((name) => (asked.has(name) ? [[name, asked.getAll(name)] as const] : [])));
}

function fits(one: Entry, only: ReadonlyMap<string, readonly string[]>): boolean {
  return [...only].every(([name, values]) => values.includes(String(one[name as keyof Entry])));
}

const AMOUNTS: Readonly<Record<string, (row: UsageRow) => number>> = {
  cost: ({ cost }) => cost,
  tokens: ({ units }) => units.input + units.output,
  requests: ({ requests }) => requests,
};

export function accountHandlers(house: FakeHouse) {
  return [...usageHandlers(house), ...priceHandlers(house), ...limitHandlers(house)];
}

function usageHandlers(house: FakeHouse) {
  return [
    http.get("*/api/v1/usage", ({ request }) => {
      const asked = new URL(request.url).searchParams;
      const only = filtersOf(asked);
      const rows = rowsOf(
        house.entries.filter((one) => fits(one, only)),
        {
          start: Number(asked.get("start")),
          end: Number(asked.get("end")),
          bucket: asked.get("bucket") ?? "day",
          by: asked.getAll("group_by") as (keyof Entry)[],
        },
      );
      const amount = AMOUNTS[asked.get("order") ?? ""];
      if (amount) rows.sort((a, b) => amount(b) - amount(a) || (a.group[0] ?? "").localeCompare(b.group[0] ?? ""));
      const first = Number(asked.get("after") ?? 0);
      const past = first + Number(asked.get("limit") ?? 1000);
      const next = past < rows.length ? String(past) : null;
      return HttpResponse.json({ rows: rows.slice(first, past), next, currency: "USD" });
    }),
    http.get("*/api/v1/usage/csv", () => HttpResponse.text("start,model,cost\n")),
    http.post("*/api/v1/usage/recompute", () => HttpResponse.json({ job: "job_recompute" }, { status: 202 })),
    http.get("*/api/v1/ledger/quarantine", () => HttpResponse.json({ items: [], waiting: house.waiting, next: null })),
    http.get("*/api/v1/ledger", ({ request }) => {
      const asked = new URL(request.url).searchParams;
      const only = filtersOf(asked);
      const [start, end] = [Number(asked.get("start")), Number(asked.get("end"))];
      const all = house.entries.filter(({ at }) => at >= start && at < end).filter((one) => fits(one, only));
      const first = asked.has("after") ? all.findIndex(({ id }) => id === asked.get("after")) + 1 : 0;
      const items = all.slice(first, first + PAGE);
      return HttpResponse.json({ items, next: first + PAGE < all.length ? items.at(-1)?.id : null });
    }),
  ];
}

function priceHandlers(house: FakeHouse) {
  const same = (a: Pick<Price, "model" | "provider" | "since">, b: Price) =>
    a.model === b.model && a.provider === b.provider && a.since === b.since;
  return [
    http.get("*/api/v1/prices", () => HttpResponse.json({ items: house.prices, version: 3, currency: "USD" })),
    http.put<never, Price>("*/api/v1/prices", async ({ request }) => {
      const made = { ...(await request.json()), version: 4 };
      house.prices = [...house.prices.filter((one) => !same(made, one)), made];
      return HttpResponse.json(made);
    }),
    http.delete("*/api/v1/prices", ({ request }) => {
      const asked = new URL(request.url).searchParams;
      const gone = {
        model: asked.get("model") ?? "",
        provider: asked.get("provider") ?? "",
        since: Number(asked.get("since") ?? 0),
      };
      house.prices = house.prices.filter((one) => !same(gone, one));
      return HttpResponse.json({});
    }),
  ];
}

function limitHandlers(house: FakeHouse) {
  return [
    http.get("*/api/v1/limits", () => HttpResponse.json({ items: house.limits })),
    http.get("*/api/v1/limits/standing", () => HttpResponse.json({ items: house.standings })),
    http.put<{ name: string }, Omit<Limit, "name">>("*/api/v1/limits/:name", async ({ params, request }) => {
      const made = { ...(await request.json()), name: params.name };
      if (made.subject === "nobody")
        return fault(400, "invalid_request", `no ${made.scope} 'nobody'; name one that there is`);
      house.limits = [...house.limits.filter(({ name }) => name !== params.name), made];
      return HttpResponse.json(made);
    }),
    http.delete<{ name: string }>("*/api/v1/limits/:name", ({ params }) => {
      house.limits = house.limits.filter(({ name }) => name !== params.name);
      return new HttpResponse(null, { status: 204 });
    }),
  ];
}
