/** The language of the console: the browser's at first, then what was chosen. */
import { createContext, type ReactNode, use, useEffect, useMemo, useState } from "react";
import { type Formats, formats } from "../format";
import { firstLanguage, speakLanguage, storeLanguage } from "./language";
import { type Translate, translator } from "./translate";
import type { Language } from "./words";

interface Speech {
  readonly language: Language;
  readonly setLanguage: (language: Language) => void;
  readonly t: Translate;
  readonly format: Formats;
}

const SpeechContext = createContext<Speech | null>(null);

export function LanguageProvider({ children }: { readonly children: ReactNode }) {
  const [language, setLanguage] = useState(firstLanguage);
  useEffect(() => {
    speakLanguage(language);
  }, [language]);
  const speech = useMemo<Speech>(
    () => ({
      language,
      setLanguage: (chosen) => {
        storeLanguage(chosen);
        setLanguage(chosen);
      },
      t: translator(language),
      format: formats(language),
    }),
    [language],
  );
  return <SpeechContext value={speech}>{children}</SpeechContext>;
}

export function useSpeech(): Speech {
  const speech = use(SpeechContext);
  if (!speech) throw new Error("useSpeech needs a LanguageProvider above it");
  return speech;
}
