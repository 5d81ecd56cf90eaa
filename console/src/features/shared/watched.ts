/** Remembers that somebody has seen the page on which costs appear. */
import { useEffect } from "react";

export const WATCHED = "tulou.watched";

export function useWatched(): void {
  useEffect(() => localStorage.setItem(WATCHED, "1"), []);
}
