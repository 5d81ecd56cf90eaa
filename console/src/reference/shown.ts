/** What every part of the page is drawn with. */
import type { OpenApi } from "./document";
import type { Proof } from "./proof";
import type { Say } from "./words";

export interface Told {
  readonly document: OpenApi;
  readonly say: Say;
}

export interface Shown extends Told {
  readonly proof: Proof;
}
