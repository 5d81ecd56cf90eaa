/** Form fields: the label is always there and always bound; a hint or a fault is read out with it. */
import { type ComponentProps, type ReactNode, useId } from "react";
import { classNames } from "~/lib/class-names";
import styles from "./field.module.css";

interface Labelled {
  readonly label: string;
  readonly hint?: ReactNode;
}

interface FrameProps extends Labelled {
  readonly children: (ids: { id: string; "aria-describedby": string | undefined }) => ReactNode;
}

function Frame({ label, hint, children }: FrameProps) {
  const id = useId();
  const hintId = `${id}-hint`;
  return (
    <div className={styles.field}>
      <label htmlFor={id}>{label}</label>
      {children({ id, "aria-describedby": hint ? hintId : undefined })}
      {hint && (
        <p id={hintId} className={styles.hint}>
          {hint}
        </p>
      )}
    </div>
  );
}

export function TextField({ label, hint, className, ...rest }: Labelled & ComponentProps<"input">) {
  return (
    <Frame label={label} hint={hint}>
      {(ids) => <input type="text" {...rest} {...ids} className={classNames(styles.control, className)} />}
    </Frame>
  );
}

export function TextArea({ label, hint, ...rest }: Labelled & ComponentProps<"textarea">) {
  return (
    <Frame label={label} hint={hint}>
      {(ids) => <textarea {...rest} {...ids} className={styles.control} />}
    </Frame>
  );
}

export function SelectField({ label, hint, children, ...rest }: Labelled & ComponentProps<"select">) {
  return (
    <Frame label={label} hint={hint}>
      {(ids) => (
        <select {...rest} {...ids} className={classNames(styles.control, styles.select)}>
          {children}
        </select>
      )}
    </Frame>
  );
}

interface RangeFieldProps extends Labelled, Omit<ComponentProps<"input">, "value"> {
  readonly value: number;
}

export function RangeField({ label, hint, value, ...rest }: RangeFieldProps) {
  return (
    <Frame label={label} hint={hint}>
      {(ids) => (
        <div className={styles.range}>
          <input type="range" value={value} {...rest} {...ids} />
          <output htmlFor={ids.id}>{value}</output>
        </div>
      )}
    </Frame>
  );
}

export function CheckField({ label, hint, ...rest }: Labelled & ComponentProps<"input">) {
  const id = useId();
  return (
    <label className={styles.check} htmlFor={id}>
      <input type="checkbox" {...rest} id={id} />
      <span>
        {label}
        {hint && <span className={styles.hint}>{hint}</span>}
      </span>
    </label>
  );
}

/** Fields side by side where there is room. */
export function FieldRow({ children }: { readonly children: ReactNode }) {
  return <div className={styles.row}>{children}</div>;
}
