/** The shape of a piece of the catalogue: the same keys in both languages, checked by the compiler. */

export type Language = "en" | "zh";

export interface Words<E extends Record<string, string>> {
  readonly en: E;
  readonly zh: { readonly [K in keyof E]: string };
}

/** Bind the English words of one area to their Chinese ones; a key missing on either side does not compile. */
export function words<const E extends Record<string, string>>(
  en: E,
  zh: { readonly [K in keyof NoInfer<E>]: string },
): Words<E> {
  return { en, zh };
}
