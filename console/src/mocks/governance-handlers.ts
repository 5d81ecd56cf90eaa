/** Roles, policies and the trail of the pretended house. */
import { HttpResponse, http } from "msw";
import type { Policy, Role, TryPolicies } from "~/api/governance";
import type { FakeHouse } from "./house";
import { fault } from "./replies";

type Named = { name: string };

export function governanceHandlers(house: FakeHouse) {
  return [
    http.get("*/api/v1/roles", () => HttpResponse.json({ items: house.roles })),
    http.put<Named, Omit<Role, "name" | "built_in">>("*/api/v1/roles/:name", async ({ params, request }) => {
      const made = { ...(await request.json()), name: params.name, built_in: false };
      house.roles = [...house.roles.filter(({ name }) => name !== params.name), made];
      return HttpResponse.json(made);
    }),
    http.delete<Named>("*/api/v1/roles/:name", ({ params }) => {
      house.roles = house.roles.filter(({ name }) => name !== params.name);
      return new HttpResponse(null, { status: 204 });
    }),
    http.get("*/api/v1/policies", () => HttpResponse.json({ items: house.policies })),
    http.put<Named, Omit<Policy, "name">>("*/api/v1/policies/:name", async ({ params, request }) => {
      const made = { ...(await request.json()), name: params.name };
      if (wrong(made.text)) return refused();
      house.policies = [...house.policies.filter(({ name }) => name !== params.name), made];
      return HttpResponse.json(made);
    }),
    http.delete<Named>("*/api/v1/policies/:name", ({ params }) => {
      house.policies = house.policies.filter(({ name }) => name !== params.name);
      return new HttpResponse(null, { status: 204 });
    }),
    http.post<never, TryPolicies>("*/api/v1/policies/try", async ({ request }) => {
      const { cases, policies } = await request.json();
      if (policies?.some(({ text }) => wrong(text))) return refused();
      const items = cases.map(({ name, ask }) => {
        const allowed = ask.subject.roles?.includes("developer") && ask.action === "models:use";
        const why = allowed ? "developer permits models:use" : `no role permits ${ask.action}`;
        return { name, passed: allowed, decision: { allowed, policies: allowed ? ["role developer"] : [], why } };
      });
      return HttpResponse.json({ items });
    }),
    ...auditHandlers(house),
  ];
}

function wrong(text: string): boolean {
  return !text.includes(";");
}

function refused() {
  return fault(400, "invalid_request", "draft: line 3, column 7: unexpected end of input; a policy ends with `;`");
}

function auditHandlers(house: FakeHouse) {
  return [
    http.get("*/api/v1/audit", ({ request }) => {
      const asked = new URL(request.url).searchParams;
      const [who, outcome, action] = ["principal", "outcome", "action"].map((name) => asked.get(name));
      const items = house.audit.filter(
        ({ entry }) =>
          (!who || entry.principal === who) &&
          (!outcome || entry.outcome === outcome) &&
          (!action || entry.action === action),
      );
      return HttpResponse.json({ items, next: null });
    }),
    http.get("*/api/v1/audit/verify", ({ request }) => {
      const after = Number(new URL(request.url).searchParams.get("after") ?? 0);
      const intact = house.tampered === null;
      const why = intact ? "" : "the hash is not what its content comes to";
      const next = after === 0 ? 2 : null;
      return HttpResponse.json({ intact, records: 2, head: "c0ffee", broken_at: house.tampered, why, next });
    }),
    http.get("*/api/v1/audit/export", () =>
      HttpResponse.text(house.audit.map((record) => JSON.stringify(record)).join("\n")),
    ),
  ];
}
