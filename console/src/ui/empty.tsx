/** What stands where nothing is yet, and what can be done about it; also the quiet sign that something is on its way. */
import type { ReactNode } from "react";
import { useSpeech } from "~/lib/i18n/context";
import styles from "./empty.module.css";
import { Mark } from "./mark";

interface EmptyProps {
  readonly title: string;
  readonly children?: ReactNode;
}

export function Empty({ title, children }: EmptyProps) {
  return (
    <div className={styles.empty}>
      <span className={styles.mark}>
        <Mark size={44} />
      </span>
      <p className={styles.title}>{title}</p>
      {children && <div className={styles.words}>{children}</div>}
    </div>
  );
}

export function Loading() {
  const { t } = useSpeech();
  return (
    <div className={styles.empty} role="status">
      <span className={styles.turning}>
        <Mark size={32} />
      </span>
      <span className="unseen">{t("common.loading")}</span>
    </div>
  );
}
