/** The key of this tab: kept in sessionStorage, so that it ends with the tab and is never shared with another site. */

const STORED = "tulou.key";

export type Ending = "chosen" | "refused" | null;

export class Session {
  #key: string | null = sessionStorage.getItem(STORED);
  #ending: Ending = null;
  readonly #listeners = new Set<() => void>();

  get key(): string | null {
    return this.#key;
  }

  /** Why the last session ended, if one did. */
  get ending(): Ending {
    return this.#ending;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  begin(key: string): void {
    sessionStorage.setItem(STORED, key);
    this.#become(key, null);
  }

  end(ending: Ending): void {
    sessionStorage.removeItem(STORED);
    this.#become(null, ending);
  }

  #become(key: string | null, ending: Ending): void {
    this.#key = key;
    this.#ending = ending;
    for (const listener of this.#listeners) listener();
  }
}

/** Take a key from `#key=...`, as the link that `tulou up` prints has it, and remove it from the address bar. */
export function takeKeyFromAddress(): string | null {
  const key = new URLSearchParams(location.hash.slice(1)).get("key");
  if (key !== null) history.replaceState(null, "", location.pathname + location.search);
  return key?.trim() || null;
}
