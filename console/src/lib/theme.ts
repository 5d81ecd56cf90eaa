/** Light, dark, or as the system says; `public/early.js` applies the stored choice before the first paint. */
import { useCallback, useState } from "react";

export const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];
const STORED = "tulou.theme";

export function useTheme(): [Theme, (theme: Theme) => void] {
  const [theme, setTheme] = useState(stored);
  const choose = useCallback((chosen: Theme) => {
    if (chosen === "system") {
      localStorage.removeItem(STORED);
      delete document.documentElement.dataset.theme;
    } else {
      localStorage.setItem(STORED, chosen);
      document.documentElement.dataset.theme = chosen;
    }
    setTheme(chosen);
  }, []);
  return [theme, choose];
}

function stored(): Theme {
  const theme = localStorage.getItem(STORED);
  return theme === "light" || theme === "dark" ? theme : "system";
}
