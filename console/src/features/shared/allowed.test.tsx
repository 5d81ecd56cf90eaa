import { screen, waitFor } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { fakeHouse } from "~/mocks/house";
import { visit } from "~/mocks/render";

const ROOMS = [
  ["/models", ["Import"]],
  ["/models/tulou-demo", ["Deploy", "Set alias", "Verify", /^Delete version/, /^Remove alias/]],
  ["/deployments", ["Deploy"]],
  ["/deployments/tulou-demo", ["Restart", "Delete", "One replica more", "One replica less", /^Restart replica/]],
  ["/training", ["Start a run", /^Cancel run/]],
  ["/jobs", [/^Cancel job/]],
] as const;

const offered = (name: string | RegExp) => [
  ...screen.queryAllByRole("button", { name }),
  ...screen.queryAllByRole("link", { name }),
];

describe("who may only look", () => {
  it.each(ROOMS)("is offered in %s nothing that would be refused", async (path, words) => {
    const house = fakeHouse();
    house.me = { ...house.me, permissions: ["*:read"] };
    visit(path, { house });
    expect(await screen.findByRole("link", { name: "Audit" })).toBeVisible();
    expect((await screen.findAllByText(/tulou-demo|demo \/|^job_/)).length).toBeGreaterThan(0);
    for (const name of words) expect(offered(name)).toEqual([]);
  });

  it.each(ROOMS)("would be offered it in %s with the right to", async (path, words) => {
    visit(path);
    for (const name of words) await waitFor(() => expect(offered(name).length).toBeGreaterThan(0));
  });
});
