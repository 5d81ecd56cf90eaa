/** A block of code that can be copied. */
import { el } from "./element";
import styles from "./reference.module.css";
import type { Say } from "./words";

const SHOWN_MS = 2000;

/** *text* is asked for anew at each copy. */
export function codeView(say: Say, label: string, text: () => string): HTMLElement & { readonly refresh: () => void } {
  const code = el("code", {}, text());
  const copied = el(
    "button",
    { type: "button", class: styles.small, "aria-live": "polite", click: () => void copy() },
    say("copy"),
  );
  const copy = async () => {
    await write(text());
    copied.textContent = say("copied");
    setTimeout(() => {
      copied.textContent = say("copy");
    }, SHOWN_MS);
  };
  const made = el(
    "figure",
    { class: styles.code },
    el("figcaption", {}, label, copied),
    // What scrolls must be reached with the keyboard.
    el("pre", { tabindex: 0, role: "group", "aria-label": label }, code),
  );
  return Object.assign(made, {
    refresh: () => {
      code.textContent = text();
    },
  });
}

async function write(text: string): Promise<void> {
  // `clipboard` exists only on HTTPS and localhost; a house on a LAN address has the old way alone.
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = el("textarea", {}, text);
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}
