/** A word with a tone: how something stands, or a small label. */
import type { ReactNode } from "react";
import { classNames } from "~/lib/class-names";
import styles from "./badge.module.css";
import type { Tone } from "./tone";

interface BadgeProps {
  readonly tone?: Tone;
  readonly dot?: boolean;
  readonly children: ReactNode;
}

export function Badge({ tone = "idle", dot = false, children }: BadgeProps) {
  return (
    <span className={classNames(styles.badge, styles[tone])}>
      {dot && <span className={styles.dot} aria-hidden="true" />}
      {children}
    </span>
  );
}
