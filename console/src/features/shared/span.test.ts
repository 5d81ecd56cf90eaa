import { describe, expect, it } from "vitest";
import { amountOf } from "~/features/shared/amount";
import { placesOf } from "~/features/shared/faults";
import { bucketsOf, dayText, SPANS, spanOf } from "~/features/shared/span";
import { formats } from "~/lib/format";

const at = (text: string) => Date.parse(text) / 1000;
const NOW = at("2026-11-21T09:30:00Z");

describe("a span of time", () => {
  it.each([
    ["today", "2026-11-21T00:00:00Z", "hour"],
    ["week", "2026-11-15T00:00:00Z", "day"],
    ["month30", "2026-10-23T00:00:00Z", "day"],
    ["month", "2026-11-01T00:00:00Z", "day"],
  ] as const)("of %s begins at a midnight of UTC and grows while one looks", (name, start, bucket) => {
    expect(spanOf(name, NOW)).toEqual({ start: at(start), end: at("2026-11-21T10:00:00Z"), bucket, live: true });
  });

  it("of one's own takes in its last day", () => {
    const span = spanOf("custom", NOW, "2026-11-01", "2026-11-03");
    expect([span.start, span.end, span.live]).toEqual([at("2026-11-01T00:00:00Z"), at("2026-11-04T00:00:00Z"), false]);
  });

  it("of one's own that reaches to today is live", () => {
    expect(spanOf("custom", NOW, "2026-11-20", "2026-11-21").live).toBe(true);
  });

  it.each([
    ["nothing", "", ""],
    ["nonsense", "yesterday", "2026-99-99"],
  ])("of %s is today", (_name, from, to) => {
    expect(spanOf("custom", NOW, from, to)).toMatchObject({ start: at("2026-11-21T00:00:00Z"), bucket: "hour" });
  });

  it("that ends before it begins is its first day", () => {
    const span = spanOf("custom", NOW, "2026-11-10", "2026-11-01");
    expect([span.start, span.end]).toEqual([at("2026-11-10T00:00:00Z"), at("2026-11-11T00:00:00Z")]);
  });

  it.each([
    ["2026-11-03", "hour", 72],
    ["2026-11-04", "day", 4],
    ["2027-01-31", "day", 92],
    ["2027-02-01", "month", 4],
  ])("from the first of November to %s is drawn by the %s, in %i bars", (to, bucket, bars) => {
    const span = spanOf("custom", NOW, "2026-11-01", to);
    expect([span.bucket, bucketsOf(span).length]).toEqual([bucket, bars]);
  });

  it("has a bar for each month, however long that is", () => {
    const starts = bucketsOf({
      start: at("2026-12-15T00:00:00Z"),
      end: at("2027-03-02T00:00:00Z"),
      bucket: "month",
      live: false,
    });
    expect(starts.map(dayText)).toEqual(["2026-12-01", "2027-01-01", "2027-02-01", "2027-03-01"]);
  });

  it("always has a bar", () => {
    for (const name of SPANS) expect(bucketsOf(spanOf(name, at("2026-11-01T00:00:00Z"))).length).toBeGreaterThan(0);
    expect(bucketsOf({ start: NOW, end: NOW, bucket: "day", live: false }).map(dayText)).toEqual(["2026-11-21"]);
  });
});

describe("an amount", () => {
  const english = formats("en");

  it("is money where money is limited, and a count elsewhere", () => {
    expect(amountOf(12.5, { measure: "cost" }, english)).toBe("$12.50");
    expect(amountOf(12.5, { measure: "cost" }, english, "EUR")).toBe("€12.50");
    expect(amountOf(2_000_000, { measure: "tokens" }, english)).toBe("2M");
    expect(amountOf(8, { measure: "concurrency" }, english)).toBe("8");
  });
});

describe("a place in the words of a refusal", () => {
  it("is found with and without a comma, in any case, and nowhere else", () => {
    expect(placesOf(new Error("Line 3 column 7; line 3, column 7"))).toEqual([{ line: 3, column: 7 }]);
    expect(placesOf(new Error("line three, column 1; deadline 4 column 2x"))).toEqual([{ line: 4, column: 2 }]);
    expect(placesOf("line 3, column 7")).toEqual([]);
  });
});
