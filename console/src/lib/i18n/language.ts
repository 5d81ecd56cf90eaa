/** Which language is spoken: the browser's at first, then what was chosen. */
import type { Language } from "./words";

export type { Language };

/** Each by its own name. */
export const LANGUAGES: Readonly<Record<Language, string>> = { en: "English", zh: "中文" };

const STORED = "tulou.language";

export function firstLanguage(): Language {
  const wanted = localStorage.getItem(STORED) ?? navigator.language;
  return wanted.startsWith("zh") ? "zh" : "en";
}

/** Remember a choice, and tell the browser. */
export function storeLanguage(language: Language): void {
  localStorage.setItem(STORED, language);
  speakLanguage(language);
}

export function speakLanguage(language: Language): void {
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
}
