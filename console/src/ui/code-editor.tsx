/** A plain text field for code: lines are numbered, and those with a fault are marked. */
import { type ComponentProps, useId, useRef } from "react";
import styles from "./code-editor.module.css";

interface CodeEditorProps extends Omit<ComponentProps<"textarea">, "value" | "onChange"> {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  /** Lines with a fault, counted from 1. */
  readonly faults?: readonly number[];
}

export function CodeEditor({ label, value, onChange, faults = [], rows = 14, ...rest }: CodeEditorProps) {
  const id = useId();
  const gutter = useRef<HTMLDivElement>(null);
  const lines = value.split("\n").length;
  return (
    <div className={styles.field}>
      <label htmlFor={id}>{label}</label>
      <div className={styles.editor}>
        <div ref={gutter} className={styles.gutter} aria-hidden="true">
          {Array.from({ length: lines }, (_, place) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a line is its number
            <span key={place} data-fault={faults.includes(place + 1)}>
              {place + 1}
            </span>
          ))}
        </div>
        <textarea
          spellCheck={false}
          autoCapitalize="off"
          autoComplete="off"
          wrap="off"
          {...rest}
          id={id}
          rows={rows}
          value={value}
          aria-invalid={faults.length > 0 || undefined}
          onChange={(event) => onChange(event.target.value)}
          onScroll={(event) => {
            if (gutter.current) gutter.current.scrollTop = event.currentTarget.scrollTop;
          }}
        />
      </div>
    </div>
  );
}
