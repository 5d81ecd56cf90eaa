/** Names and values in two columns. */
import type { ReactNode } from "react";
import styles from "./facts.module.css";

interface FactsProps {
  readonly items: readonly (readonly [name: string, value: ReactNode])[];
}

export function Facts({ items }: FactsProps) {
  return (
    <dl className={styles.facts}>
      {items.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
