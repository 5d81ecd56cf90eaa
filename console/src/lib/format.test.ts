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

  it("are short where they are large, and whole where they are small", () => {
    expect([9999, 12_345, 2_000_000].map(english.compact)).toEqual(["9,999", "12.3K", "2M"]);
    expect([0.26, 99.94, 1234.5].map(english.rate)).toEqual(["0.3", "99.9", "1,235"]);
    expect(chinese.compact(123_456)).toBe("12.3万");
    expect(english.percent(0.1234)).toBe("12.3%");
  });

  it("of the ledger are UTC's, wherever one is", () => {
    const at = Date.parse("2026-11-21T23:30:00Z") / 1000;
    expect([english.hour(at), english.day(at), english.month(at)]).toEqual(["23:30", "21 Nov", "November 2026"]);
  });

  it("say no length of time below nothing", () => {
    expect([-5, 0.4, 59.6, 3600].map(english.duration)).toEqual(["0 s", "0 s", "1 min", "1 h"]);
  });

  it("stop at the largest unit that there is", () => {
    expect(english.bytes(5 * 1024 ** 5)).toBe("5,120 TiB");
    expect(english.money(-0.0042)).toBe("-$0.0042");
  });
});
