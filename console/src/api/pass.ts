/** A short-lived inference key for those who came with a password; it is held in memory alone, and renewed in time. */
import type { CreatedKey } from "./types";

const EARLY_S = 30;
/** Gateways learn of a new key within a second; until then they may not know it. */
const SETTLING_MS = 5000;
const STEP_MS = 200;

export class Pass {
  #held: Promise<CreatedKey> | null = null;
  #ends = 0;

  constructor(readonly mint: () => Promise<CreatedKey>) {}

  async secret(): Promise<string> {
    if (this.#held === null || this.#ends - EARLY_S <= Date.now() / 1000) this.#held = this.#renew();
    return (await this.#held).secret;
  }

  forget(): void {
    this.#held = null;
  }

  async #renew(): Promise<CreatedKey> {
    this.#ends = Number.POSITIVE_INFINITY;
    try {
      const made = await this.mint();
      this.#ends = made.key.expires_at ?? Number.POSITIVE_INFINITY;
      return made;
    } catch (error) {
      this.forget();
      throw error;
    }
  }
}

/** Ask with the pass; a gateway that does not know it yet is asked again for a little while. */
export async function passed(pass: Pass, request: Request): Promise<Response> {
  const until = Date.now() + SETTLING_MS;
  for (;;) {
    const attempt = request.clone();
    attempt.headers.set("Authorization", `Bearer ${await pass.secret()}`);
    const response = await fetch(attempt);
    if (response.status !== 401) return response;
    if (Date.now() > until) {
      pass.forget();
      return response;
    }
    await new Promise((resolve) => setTimeout(resolve, STEP_MS));
  }
}
