import { render, screen } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { formats } from "~/lib/format";
import { LanguageProvider } from "~/lib/i18n/context";
import { stacked, wholes } from "./stack";
import { labelled, StackChart } from "./stack-chart";

const part = (at: number, name: string, value: number) => ({ at, name, value });

describe("a stack", () => {
  it("has a figure for each time, also where nothing was", () => {
    const parts = [part(0, "a", 1), part(20, "b", 2), part(20, "a", 3)];
    const stack = stacked([0, 10, 20], parts, parts, "rest");
    expect(stack.layers.map(({ name, values }) => [name, values])).toEqual([
      ["a", [1, 0, 3]],
      ["b", [0, 0, 2]],
    ]);
    expect(wholes(stack)).toEqual([1, 0, 5]);
  });

  it("is as high as the whole, whatever is not named", () => {
    const { layers } = stacked([0, 10], [part(0, "c", 3), part(0, "d", 4)], [part(0, "", 10), part(10, "", 5)], "rest");
    expect(layers.map(({ name, values, total, rest }) => [name, values, total, rest])).toEqual([
      ["d", [4, 0], 4, false],
      ["c", [3, 0], 3, false],
      ["rest", [3, 5], 8, true],
    ]);
  });

  it("leaves out what lies outside its times", () => {
    expect(wholes(stacked([0], [part(99, "a", 5)], [part(99, "", 5)], "rest"))).toEqual([0]);
  });
});

describe("the times below a chart", () => {
  it("stand under all of a few bars, and under some of many", () => {
    expect(labelled(4)).toEqual([0, 1, 2, 3]);
    expect(labelled(30)).toEqual([0, 6, 12, 18, 24]);
    expect(labelled(1)).toEqual([0]);
  });
});

describe("the scale of a chart", () => {
  const scale = (value: number) => {
    const parts = [part(0, "a", value)];
    const stack = stacked([0], parts, parts, "rest");
    render(<StackChart label="Cost" stack={stack} format={formats("en").money} when={String} />, {
      wrapper: LanguageProvider,
    });
    return [...screen.getByRole("img").querySelectorAll("span")].map((mark) => mark.textContent);
  };

  it("says nothing where nothing was", () => {
    expect(scale(0)).toEqual([]);
  });

  it("has its half where that can be told from the whole", () => {
    expect(scale(4)).toEqual(["$4.00", "$2.00"]);
  });

  it("has no half of the smallest amount", () => {
    expect(scale(0.000_001)).toEqual(["$0.000001"]);
  });
});
