import { describe, expect, it } from "vitest";
import { areaPath, ceiling, linePath, newest, peak } from "./curve";

describe("a curve", () => {
  it("breaks where nothing was measured", () => {
    expect(linePath([0, 10, null, 5, 10], 10, 40, 10)).toBe("M0 10L10 0M30 5L40 0");
  });

  it("is a dot where a figure stands alone", () => {
    expect(linePath([null, 5, null], 10, 20, 10)).toBe("M10 5h0");
  });

  it("fills down to the ground under each of its pieces", () => {
    expect(areaPath([5, null, 10], 10, 20, 10)).toBe("M0 10L0 5L0 10ZM20 10L20 0L20 10Z");
  });

  it("has a round figure above its peak", () => {
    expect([0, 0.03, 1, 7, 46, 551, 1100].map(ceiling)).toEqual([1, 0.03, 1, 8, 50, 600, 1500]);
  });

  it("knows its peak and its newest figure", () => {
    expect(peak([1, null, 3, 2])).toBe(3);
    expect(newest([1, 2, null])).toBe(2);
    expect(newest([null])).toBeNull();
  });
});
