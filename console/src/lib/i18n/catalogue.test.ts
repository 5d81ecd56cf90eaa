import { describe, expect, it } from "vitest";
import { catalogue } from "./catalogue";
import { translator } from "./translate";

const areas = Object.entries(catalogue);
const places = (sentence: string) => [...sentence.matchAll(/\{\w+\}/g)].map(String).sort();

describe("the catalogue", () => {
  it.each(areas)("has the same keys in both languages: %s", (_, { en, zh }) => {
    expect(Object.keys(zh).sort()).toEqual(Object.keys(en).sort());
  });

  it.each(areas)("has the same places to fill in both languages: %s", (_, { en, zh }) => {
    const chinese: Readonly<Record<string, string>> = zh;
    for (const [key, sentence] of Object.entries(en)) {
      expect(places(chinese[key] ?? ""), key).toEqual(places(sentence));
    }
  });

  it("leaves no sentence empty", () => {
    for (const [area, { en, zh }] of areas) {
      for (const sentence of [...Object.values(en), ...Object.values(zh)]) expect(sentence.trim(), area).not.toBe("");
    }
  });

  it("fills the places of a sentence", () => {
    expect(translator("en")("shell.signedInAs", { principal: "ada" })).toBe("Signed in as ada");
    expect(translator("zh")("shell.signedInAs", { principal: "ada" })).toContain("ada");
  });
});
