/** The head of a page: where one is, what it is for, what one can do; it also names the browser's tab. */
import type { ReactNode } from "react";
import { useTitle } from "~/lib/use-title";
import styles from "./page.module.css";

interface PageProps {
  readonly title: string;
  readonly lead?: ReactNode;
  readonly actions?: ReactNode;
  readonly back?: ReactNode;
  readonly children: ReactNode;
}

export function Page({ title, lead, actions, back, children }: PageProps) {
  useTitle(title);
  return (
    <div className={styles.page}>
      <header className={styles.head}>
        <div className={styles.words}>
          {back && <div className={styles.back}>{back}</div>}
          <h1 className={styles.title}>{title}</h1>
          {lead && <p className={styles.lead}>{lead}</p>}
        </div>
        {actions && <div className={styles.actions}>{actions}</div>}
      </header>
      {children}
    </div>
  );
}
