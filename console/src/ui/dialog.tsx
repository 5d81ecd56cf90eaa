/** The browser's own modal dialog: it keeps the focus, closes on Escape, and gives the focus back. */
import { type FormEvent, type ReactNode, useId, useLayoutEffect, useRef } from "react";
import { useSpeech } from "~/lib/i18n/context";
import { Button, IconButton } from "./button";
import styles from "./dialog.module.css";

interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/** Open as long as it is rendered. */
export function Dialog({ title, onClose, children }: DialogProps) {
  const { t } = useSpeech();
  const id = useId();
  const ref = useRef<HTMLDialogElement>(null);
  // A layout effect ends while the dialog is still in the page: only then can it give the focus back.
  useLayoutEffect(() => {
    const dialog = ref.current;
    dialog?.showModal();
    return () => dialog?.close();
  }, []);
  return (
    <dialog ref={ref} className={styles.dialog} aria-labelledby={id} onCancel={onClose}>
      <header className={styles.head}>
        <h2 id={id}>{title}</h2>
        <IconButton icon="close" label={t("common.close")} onClick={onClose} />
      </header>
      {children}
    </dialog>
  );
}

interface DialogFormProps {
  readonly submit: string;
  readonly danger?: boolean;
  readonly busy: boolean;
  readonly ready?: boolean;
  readonly onSubmit: () => void;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/** The form inside a dialog, with its two buttons at the foot. */
export function DialogForm({
  submit,
  danger = false,
  busy,
  ready = true,
  onSubmit,
  onClose,
  children,
}: DialogFormProps) {
  const { t } = useSpeech();
  const submitted = (event: FormEvent) => {
    event.preventDefault();
    onSubmit();
  };
  return (
    <form className={styles.form} onSubmit={submitted}>
      {children}
      <footer className={styles.foot}>
        <Button onClick={onClose}>{t("common.cancel")}</Button>
        <Button type="submit" kind={danger ? "danger" : "primary"} busy={busy} disabled={!ready}>
          {submit}
        </Button>
      </footer>
    </form>
  );
}
