/** Usage, ledger, prices and limits of the pretended house. */
import { HttpResponse, http } from "msw";
import type { Limit } from "~/api/limits";
import type { Entry, Price } from "~/api/metering";
import { rowsOf } from "./account";
import type { FakeHouse } from "./house";
import { fault } from "./replies";

const DIMENSIONS = ["tenant", "project", "principal", "key", "model", "served_by", "provider", "endpoint"];
const PAGE = 20;

function filtersOf(asked: URLSearchParams): Map<string, string> {
  return new Map(DIMENSIONS.flatMap((name) => (asked.has(name) ? [[name, asked.get(name) ?? ""] as const] : [])));
}

export function accountHandlers(house: FakeHouse) {
  return [...usageHandlers(house), ...priceHandlers(house), ...limitHandlers(house)];
}

function usageHandlers(house: FakeHouse) {
  return [
    http.get("*/api/v1/usage", ({ request }) => {
      const asked = new URL(request.url).searchParams;
      const rows = rowsOf(house.entries, {
        start: Number(asked.get("start")),
        end: Number(asked.get("end")),
        bucket: asked.get("bucket") ?? "day",
        by: asked.getAll("group_by") as (keyof Entry)[],
        only: filtersOf(asked),
      });
      return HttpResponse.json({ rows, next: null, currency: "USD" });
    }),
    http.get("*/api/v1/usage/csv", () => HttpResponse.text("start,model,cost\n")),
    http.post("*/api/v1/usage/recompute", () => HttpResponse.json({ job: "job_recompute" }, { status: 202 })),
    http.get("*/api/v1/ledger", ({ request }) => {
      const asked = new URL(request.url).searchParams;
      const only = filtersOf(asked);
      const [start, end] = [Number(asked.get("start")), Number(asked.get("end"))];
      const all = house.entries
        .filter(({ at }) => at >= start && at < end)
        .filter((one) => [...only].every(([name, value]) => one[name as keyof Entry] === value));
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
