import { render, screen } from "@testing-library/react";
import { userEvent } from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";
import { LanguageProvider, useSpeech } from "./context";
import { firstLanguage, LANGUAGES, storeLanguage } from "./language";
import { translator } from "./translate";

describe("the language", () => {
  it.each([
    ["zh-TW", "zh"],
    ["zh", "zh"],
    ["en-GB", "en"],
    ["fr", "en"],
  ] as const)("of a browser that speaks %s is %s at first", (spoken, expected) => {
    vi.spyOn(navigator, "language", "get").mockReturnValue(spoken);
    expect(firstLanguage()).toBe(expected);
    vi.restoreAllMocks();
  });

  it("that was chosen is stronger, and the document says which it is", () => {
    storeLanguage("zh");
    expect(firstLanguage()).toBe("zh");
    expect(document.documentElement.lang).toBe("zh-CN");
    storeLanguage("en");
    expect(firstLanguage()).toBe("en");
    expect(document.documentElement.lang).toBe("en");
  });

  it("changes at once for all that is shown", async () => {
    function Words() {
      const { t, format, setLanguage } = useSpeech();
      return (
        <button type="button" onClick={() => setLanguage("zh")}>
          {t("common.cancel")} {format.duration(7500)}
        </button>
      );
    }
    render(
      <LanguageProvider>
        <Words />
      </LanguageProvider>,
    );
    await userEvent.click(screen.getByRole("button", { name: "Cancel 2 h 5 min" }));
    expect(screen.getByRole("button", { name: "取消 2 小时 5 分" })).toBeVisible();
  });

  it("is called by its own name", () => {
    expect(LANGUAGES).toEqual({ en: "English", zh: "中文" });
  });
});

describe("a sentence", () => {
  it("has its places filled, in either language", () => {
    expect(translator("en")("common.linesAlike", { n: 3 })).toBe("3 lines alike");
    expect(translator("zh")("common.chartPart", { name: "a", total: 5 })).toBe("a：5");
  });

  it("repeats a value as it is, whatever stands in it", () => {
    expect(translator("en")("common.chartPart", { name: "{total} $&", total: 1 })).toBe("{total} $&: 1");
  });
});
