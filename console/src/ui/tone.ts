/** The five ways a thing can stand; colour never says it alone, a word is always beside it. */
export type Tone = "ok" | "busy" | "bad" | "idle" | "accent";
