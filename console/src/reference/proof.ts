/** Who tries things out: a key typed in, which is kept in memory alone, or whoever is signed in to the console. */
import { Pass, passed } from "~/api/pass";
import type { Schemas } from "~/api/types";
import { isRecord } from "~/lib/error";
import type { Session } from "~/lib/session";

export class Proof {
  /** The key that was typed in; empty for none. */
  typed = "";
  readonly #pass = new Pass(async () => {
    const response = await fetch("/api/v1/me/key", { method: "POST" });
    if (!response.ok) throw new Error(`no key for this session: ${response.status}`);
    return (await response.json()) as Schemas["CreatedKey"];
  });
  #cookie = false;

  constructor(readonly session: Session) {}

  /** Return who is signed in, as `ada@default`; null for nobody. */
  async who(): Promise<string | null> {
    const response = await fetch(this.#signed(new Request(new URL("/api/v1/me", location.origin))));
    const me: unknown = response.ok ? await response.json() : null;
    if (!isRecord(me)) return null;
    this.#cookie = this.session.key === null;
    return `${me.principal}@${me.tenant}`;
  }

  /** Ask as whoever tries; an answer that refuses is an answer, too. */
  send(request: Request): Promise<Response> {
    const inference = new URL(request.url).pathname.startsWith("/v1/");
    // Models are asked with keys; a person's cookie opens the administration alone.
    if (this.typed === "" && this.#cookie && inference) return passed(this.#pass, request);
    return fetch(this.#signed(request));
  }

  #signed(request: Request): Request {
    const key = this.typed || this.session.key;
    if (key) request.headers.set("Authorization", `Bearer ${key}`);
    return request;
  }
}
