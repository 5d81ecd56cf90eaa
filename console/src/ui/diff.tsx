/** Two texts, and where they differ; a sign stands beside each colour. */
import { useMemo } from "react";
import { diffLines, folded } from "~/lib/diff";
import { useSpeech } from "~/lib/i18n/context";
import styles from "./diff.module.css";

interface DiffProps {
  readonly label: string;
  readonly before: string;
  readonly after: string;
}

const SIGNS = { same: " ", gone: "−", new: "+", skip: "" } as const;

export function Diff({ label, before, after }: DiffProps) {
  const { t } = useSpeech();
  const lines = useMemo(() => folded(diffLines(before, after)), [before, after]);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: scrollable regions need focus to be scrolled by keys
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for forms
    <div className={styles.diff} role="group" aria-label={label} tabIndex={0}>
      {lines.map((line, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: lines never move
        <div key={place} className={styles[line.kind]}>
          <span className={styles.number}>{line.before ?? ""}</span>
          <span className={styles.number}>{line.after ?? ""}</span>
          <span className={styles.sign}>{SIGNS[line.kind]}</span>
          <code>{line.kind === "skip" ? t("common.linesAlike", { n: line.text }) : line.text}</code>
        </div>
      ))}
    </div>
  );
}
