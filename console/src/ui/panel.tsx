/** A sheet on the ground of the page, with a heading that names its region. */
import { type ReactNode, useId } from "react";
import { classNames } from "~/lib/class-names";
import styles from "./panel.module.css";

interface PanelProps {
  readonly title?: ReactNode;
  readonly actions?: ReactNode;
  readonly flush?: boolean;
  readonly children: ReactNode;
}

export function Panel({ title, actions, flush = false, children }: PanelProps) {
  const id = useId();
  return (
    <section className={classNames(styles.panel, flush && styles.flush)} aria-labelledby={title ? id : undefined}>
      {(title || actions) && (
        <header className={styles.head}>
          {title && <h2 id={id}>{title}</h2>}
          {actions && <div className={styles.actions}>{actions}</div>}
        </header>
      )}
      {children}
    </section>
  );
}
