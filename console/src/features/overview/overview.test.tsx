import { screen, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { visit } from "~/mocks/render";
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
