import { screen, waitFor } from "@testing-library/react";
import { HttpResponse, http } from "msw";
import { describe, expect, it } from "vitest";
import { visit } from "~/mocks/render";
import { parseLine } from "./log-line";

describe("the logs", () => {
  it("show events with their fields, newest first", async () => {
    visit("/logs");
    const events = (await screen.findAllByRole("rowheader")).map((cell) => cell.textContent);
    expect(events).toEqual(["replica_failed", "replica_started"]);
  });

  it("hide no line that is not JSON", () => {
    expect(parseLine("Segmentation fault")).toMatchObject({ event: "Segmentation fault", fields: [] });
  });
});

describe("the logs of one process or one request", () => {
  it("are asked for by their names, without spaces around them", async () => {
    const asked: URLSearchParams[] = [];
    const lines = http.get("*/api/v1/logs", ({ request }) => {
      asked.push(new URL(request.url).searchParams);
      return HttpResponse.json({ processes: ["control-1", "gateway-1"], lines: [] });
    });
    const { user } = visit("/logs", { but: [lines] });
    expect(await screen.findByText("No log lines")).toBeVisible();
    expect([...(asked[0] ?? [])]).toEqual([["lines", "300"]]);
    await user.selectOptions(screen.getByLabelText("Process"), "gateway-1");
    await user.type(screen.getByLabelText("Request id"), " req_9 ");
    await waitFor(() => expect(asked.at(-1)?.get("request_id")).toBe("req_9"));
    expect(asked.at(-1)?.get("process")).toBe("gateway-1");
  });
});
