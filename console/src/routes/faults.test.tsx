import { screen } from "@testing-library/react";
import { HttpResponse, http } from "msw";
import { describe, expect, it } from "vitest";
import { visit } from "~/mocks/render";

/** Each page, and what it is empty without. */
const LISTS = [
  ["/models", "models"],
  ["/models/tulou-demo", "models/:name"],
  ["/deployments", "deployments"],
  ["/keys", "keys"],
  ["/jobs", "jobs"],
  ["/training", "training/runs"],
  ["/logs", "logs"],
  ["/usage", "usage"],
  ["/usage?tab=ledger", "ledger"],
  ["/limits", "limits"],
  ["/upstreams", "upstreams"],
  ["/upstreams?tab=catalogue", "providers"],
  ["/upstreams?tab=prices", "prices"],
  ["/projects", "projects"],
  ["/people", "principals"],
  ["/people/default/ada", "principals/:tenant/:name"],
  ["/policies", "roles"],
  ["/tenants", "tenants"],
  ["/audit", "audit"],
  ["/configuration", "configuration/revisions"],
] as const;

const MESSAGE = "the database is closed; look at /readyz";

describe("a page whose answer is a refusal", () => {
  it.each(LISTS)("says in the house's own words what is wrong: %s without %s", async (path, list) => {
    const refused = http.get(`*/api/v1/${list}`, () =>
      HttpResponse.json(
        { error: { message: MESSAGE, code: "invalid_request" } },
        { status: 400, headers: { "x-request-id": "req_77" } },
      ),
    );
    visit(path, { but: [refused] });
    const alerts = await screen.findAllByText(new RegExp(MESSAGE));
    expect(alerts.length).toBeGreaterThan(0);
    expect(screen.getAllByText(/req_77/).length).toBeGreaterThan(0);
    expect(screen.getByRole("navigation", { name: "Rooms" })).toBeVisible();
  });
});
