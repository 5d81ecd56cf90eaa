/** The theme, for components. */
import { useCallback, useState } from "react";
import { chooseTheme, storedTheme, type Theme } from "./theme";

export function useTheme(): [Theme, (theme: Theme) => void] {
  const [theme, setTheme] = useState(storedTheme);
  const choose = useCallback((chosen: Theme) => setTheme(chooseTheme(chosen)), []);
  return [theme, choose];
}
