/** A table that scrolls sideways by itself on a narrow screen, and has a caption for those who cannot see it. */
import type { ReactNode } from "react";
import { classNames } from "~/lib/class-names";
import styles from "./table.module.css";

interface TableProps {
  readonly caption: string;
  readonly head: readonly ReactNode[];
  /** Columns with figures, aligned at their end, counted from 0. */
  readonly figures?: readonly number[];
  readonly children: ReactNode;
}

export function Table({ caption, head, figures = [], children }: TableProps) {
  const aligned = figures.map((column) => styles[`end${column}`]);
  return (
    // A scrolling region must be reachable by keyboard.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: scrollable regions need focus to be scrolled by keys
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for forms
    <div className={styles.scroll} role="group" aria-label={caption} tabIndex={0}>
      <table className={classNames(styles.table, ...aligned)}>
        <caption className="unseen">{caption}</caption>
        <thead>
          <tr>
            {head.map((cell, column) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: columns never move
              <th scope="col" key={column}>
                {cell}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}
