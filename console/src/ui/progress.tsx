/** How far a piece of work has come, from 0 to 1. */
import styles from "./progress.module.css";
import type { Tone } from "./tone";

interface ProgressProps {
  readonly value: number;
  readonly label: string;
  readonly tone?: Tone;
}

export function Progress({ value, label, tone = "accent" }: ProgressProps) {
  return (
    <progress className={styles.progress} data-tone={tone} max={1} value={value} aria-label={label}>
      {Math.round(value * 100)} %
    </progress>
  );
}
