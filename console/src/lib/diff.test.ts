import { describe, expect, it } from "vitest";
import { diffLines, folded } from "./diff";

const shown = (before: string, after: string) =>
  diffLines(before, after).map(({ kind, text }) => `${{ same: " ", gone: "-", new: "+", skip: "~" }[kind]}${text}`);

describe("a diff", () => {
  it("keeps what both texts share, and tells what went before what came", () => {
    expect(shown("a\nb\nc", "a\nx\nc\nd")).toEqual([" a", "-b", "+x", " c", "+d"]);
  });

  it("numbers lines in both texts", () => {
    const lines = diffLines("a\nb", "b");
    expect(lines.map(({ before, after }) => [before, after])).toEqual([
      [1, null],
      [2, 1],
    ]);
  });

  it("is short where little changed in much", () => {
    const many = Array.from({ length: 40 }, (_, place) => `line ${place}`);
    const changed = many.with(20, "other");
    const lines = folded(diffLines(many.join("\n"), changed.join("\n")));
    expect(lines.filter(({ kind }) => kind === "skip").map(({ text }) => Number(text))).toEqual([17, 16]);
    expect(lines.filter(({ kind }) => kind === "gone" || kind === "new")).toHaveLength(2);
  });

  it("shows both sides whole when comparing all pairs would take too long", () => {
    const text = (word: string) => Array.from({ length: 2100 }, (_, place) => `${word} ${place}`).join("\n");
    expect(diffLines(text("a"), text("b"))).toHaveLength(4200);
  });
});
