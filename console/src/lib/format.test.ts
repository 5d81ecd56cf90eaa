import { describe, expect, it } from "vitest";
import { formats } from "./format";

describe("figures", () => {
  const english = formats("en");
  const chinese = formats("zh");

  it("say lengths of time with their two largest units", () => {
    expect([3, 60, 200, 7500, 90_000].map(english.duration)).toEqual([
      "3 s",
      "1 min",
      "3 min 20 s",
      "2 h 5 min",
      "1 d 1 h",
    ]);
    expect(chinese.duration(7500)).toBe("2 小时 5 分");
  });

  it("say a dash where nothing is known", () => {
    expect([english.milliseconds(null), english.bytes(undefined), english.rate(null)]).toEqual(["–", "–", "–"]);
  });

  it("carry the unit that fits", () => {
    expect([english.milliseconds(6.42), english.milliseconds(212.3), english.milliseconds(12_400)]).toEqual([
      "6.4 ms",
      "212 ms",
      "12.4 s",
    ]);
    expect([english.bytes(512), english.bytes(7_421_952)]).toEqual(["512 B", "7.1 MiB"]);
  });

  it("say money as fine as its size asks for", () => {
    expect([0, 1204.5, 0.42, 0.0042, 0.000_003].map((value) => english.money(value))).toEqual([
      "$0.00",
      "$1,204.50",
      "$0.42",
      "$0.0042",
      "$0.000003",
    ]);
    expect(chinese.money(3, "CNY")).toBe("¥3.00");
  });
});
