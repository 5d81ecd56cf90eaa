/** Light, dark, or as the system says; `public/early.js` applies the stored choice before the first paint. */

export const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];
const STORED = "tulou.theme";

export function storedTheme(): Theme {
  return themeOf(localStorage.getItem(STORED));
}

/** Apply and remember a theme; what is none means the system's. */
export function chooseTheme(name: string): Theme {
  const theme = themeOf(name);
  if (theme === "system") {
    localStorage.removeItem(STORED);
    delete document.documentElement.dataset.theme;
  } else {
    localStorage.setItem(STORED, theme);
    document.documentElement.dataset.theme = theme;
  }
  return theme;
}

function themeOf(name: string | null): Theme {
  return name === "light" || name === "dark" ? name : "system";
}
