/** Text for machines, to read and to take along. */
import styles from "./code-block.module.css";
import { CopyButton } from "./copy";

export function CodeBlock({ code, label }: { readonly code: string; readonly label: string }) {
  return (
    <figure className={styles.block} aria-label={label}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: scrollable regions need focus to be scrolled by keys */}
      <pre tabIndex={0}>
        <code>{code}</code>
      </pre>
      <div className={styles.copy}>
        <CopyButton text={code} />
      </div>
    </figure>
  );
}
