import { screen } from "@testing-library/react";
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
