import { describe, expect, it } from "vitest";
import { chooseTheme, storedTheme } from "./theme";

const shown = () => document.documentElement.dataset.theme;

describe("the theme", () => {
  it("is the system's until one is chosen", () => {
    expect(storedTheme()).toBe("system");
  });

  it("that was chosen is shown and remembered", () => {
    expect(chooseTheme("dark")).toBe("dark");
    expect([shown(), storedTheme()]).toEqual(["dark", "dark"]);
    expect(chooseTheme("light")).toBe("light");
    expect([shown(), storedTheme()]).toEqual(["light", "light"]);
  });

  it("of the system leaves nothing behind", () => {
    chooseTheme("dark");
    expect(chooseTheme("system")).toBe("system");
    expect([shown(), localStorage.length]).toEqual([undefined, 0]);
  });

  it("that is none is the system's", () => {
    localStorage.setItem("tulou.theme", "purple");
    expect(storedTheme()).toBe("system");
    expect(chooseTheme("purple")).toBe("system");
  });
});
