import { screen, within } from "@testing-library/react";
import { HttpResponse, http } from "msw";
import { describe, expect, it } from "vitest";
import { fakeHouse, NOW } from "~/mocks/house";
import { visit } from "~/mocks/render";
import { overviewOfTenantAt } from "~/mocks/traffic";
import { errorShare, recently } from "./latest";

const second = { at: 0, in_flight: 0, p50_ms: null, p95_ms: null, first_token_p50_ms: null };

describe("the overview", () => {
  it("shows the house: rate, replicas, models and processes", async () => {
    visit("/");
    expect(await screen.findByRole("img", { name: /Replicas running: 5 of 7/ })).toBeVisible();
    const models = within(screen.getByRole("table", { name: "Traffic by model" }));
    expect(models.getByRole("rowheader", { name: "tulou-demo" })).toBeVisible();
    const processes = within(screen.getByRole("table", { name: "Processes" }));
    expect(processes.getAllByRole("rowheader")).toHaveLength(4);
    expect(screen.getByRole("img", { name: /^Latency\. p50: now .* ms, at most/ })).toBeVisible();
  });

  it("asks for a longer window when one is chosen", async () => {
    const { user } = visit("/");
    await user.click(await screen.findByRole("radio", { name: "10 min" }));
    expect(screen.getByRole("radio", { name: "10 min" })).toBeChecked();
  });
});

describe("the overview of a tenant", () => {
  const theirs = http.get("*/api/v1/overview", () => HttpResponse.json(overviewOfTenantAt(NOW, 60)));

  it("shows the tenant's traffic, and of the house its rooms alone", async () => {
    visit("/", { but: [theirs] });
    expect(await screen.findByText("What your tenant asks of the house, this second.")).toBeVisible();
    expect(screen.getByRole("table", { name: "Traffic by model" })).toBeVisible();
    expect(await screen.findByText("Replicas")).toBeVisible();
    for (const word of ["In flight", "Gateways", "Processes"]) expect(screen.queryByText(word)).toBeNull();
  });

  it("asks for nothing that a role may not read", async () => {
    const house = fakeHouse();
    house.me = { ...house.me, permissions: ["overview:read"], house: false };
    let refused = 0;
    const deployments = http.get("*/api/v1/deployments", () => {
      refused += 1;
      return HttpResponse.json({}, { status: 403 });
    });
    visit("/", { house, but: [theirs, deployments] });
    expect(await screen.findByRole("img", { name: /^Requests per second: [\d.]+\.$/ })).toBeVisible();
    expect(screen.queryByText("Replicas")).toBeNull();
    expect(refused).toBe(0);
  });
});

describe("the latest figures", () => {
  it("are the mean of the last five seconds", () => {
    const points = [100, 1, 2, 3, 4, 5].map((requests) => ({ ...second, requests, errors: 0, tokens: 0 }));
    expect(recently(points, "requests")).toBe(3);
    expect(recently([], "requests")).toBe(0);
  });

  it("count errors as a share of all requests of the window", () => {
    const points = [{ ...second, requests: 8, errors: 1, tokens: 0 }];
    expect(errorShare(points)).toBe(0.125);
    expect(errorShare([])).toBe(0);
  });
});
