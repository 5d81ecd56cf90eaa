/**
 * Who this tab is: a key, kept in sessionStorage so that it ends with the tab; or a person whose session lies in a
 * cookie that no script can read.
 */

const STORED = "tulou.key";

export type Ending = "chosen" | "refused" | null;
export type Way = "key" | "cookie" | null;

export class Session {
  #key: string | null = sessionStorage.getItem(STORED);
  #way: Way = this.#key === null ? null : "key";
  #ending: Ending = null;
  #last: Way = this.#way;
  readonly #listeners = new Set<() => void>();

  get key(): string | null {
    return this.#key;
  }

  /** How one came in; null for those who stand outside. */
  get way(): Way {
    return this.#way;
  }

  /** Why the last session ended, if one did. */
  get ending(): Ending {
    return this.#ending;
  }

  /** How one came in the last time. */
  get last(): Way {
    return this.#last;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  begin(key: string): void {
    sessionStorage.setItem(STORED, key);
    this.#become("key", key, null);
  }

  /** The house has set its cookie: there is nothing to keep here. */
  enter(): void {
    this.#become("cookie", null, null);
  }

  end(ending: Ending): void {
    sessionStorage.removeItem(STORED);
    this.#become(null, null, ending);
  }

  #become(way: Way, key: string | null, ending: Ending): void {
    this.#way = way;
    this.#key = key;
    this.#ending = ending;
    this.#last = way ?? this.#last;
    for (const listener of this.#listeners) listener();
  }
}

/** Take a key from `#key=...`, as the link that `tulou up` prints has it, and remove it from the address bar. */
export function takeKeyFromAddress(): string | null {
  const key = new URLSearchParams(location.hash.slice(1)).get("key");
  if (key !== null) history.replaceState(null, "", location.pathname + location.search);
  return key?.trim() || null;
}
