/** Look a sentence up and fill its `{places}`; keys and places are known to the compiler. */
import { catalogue } from "./catalogue";
import type { Language } from "./words";

type Catalogue = typeof catalogue;
type Area = keyof Catalogue;
type Sentences = { [A in Area]: { [K in keyof Catalogue[A]["en"] & string as `${A}.${K}`]: Catalogue[A]["en"][K] } };
type Merge<U> = (U extends unknown ? (value: U) => void : never) extends (value: infer I) => void ? I : never;
type All = Merge<Sentences[Area]>;

export type Key = keyof All & string;
type Places<S> = S extends `${string}{${infer P}}${infer Rest}` ? P | Places<Rest> : never;
/** The keys of sentences without places. */
export type PlainKey = { [K in Key]: Places<All[K]> extends never ? K : never }[Key];
type Filling<K extends Key> =
  Places<All[K]> extends never ? [] : [values: Readonly<Record<Places<All[K]>, string | number>>];

export type Translate = <K extends Key>(key: K, ...filling: Filling<K>) => string;

/** Return the function that speaks *language*. */
export function translator(language: Language): Translate {
  return (key, ...filling) => {
    const [area, name] = split(key);
    const sentence = (catalogue[area][language] as Readonly<Record<string, string>>)[name] ?? key;
    return fill(sentence, filling[0] ?? {});
  };
}

function split(key: string): [Area, string] {
  const dot = key.indexOf(".");
  return [key.slice(0, dot) as Area, key.slice(dot + 1)];
}

function fill(sentence: string, values: Readonly<Record<string, string | number>>): string {
  return sentence.replace(/\{(\w+)\}/g, (place, name: string) => String(values[name] ?? place));
}
