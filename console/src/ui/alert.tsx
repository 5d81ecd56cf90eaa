/** Words that matter now: an error with its code, or a note; read out when they appear. */
import type { ReactNode } from "react";
import { classNames } from "~/lib/class-names";
import { ApiError } from "~/lib/error";
import { useSpeech } from "~/lib/i18n/context";
import styles from "./alert.module.css";
import type { Tone } from "./tone";

interface AlertProps {
  readonly tone: Tone;
  readonly children: ReactNode;
}

export function Alert({ tone, children }: AlertProps) {
  return (
    <div className={classNames(styles.alert, styles[tone])} role={tone === "bad" ? "alert" : "status"}>
      {children}
    </div>
  );
}

/** Show an error if there is one. */
export function Fault({ error }: { readonly error: unknown }) {
  const { t } = useSpeech();
  if (!error) return null;
  const unreachable = error instanceof TypeError;
  const message = error instanceof Error ? error.message : String(error);
  const forbidden = error instanceof ApiError && error.status === 403;
  return (
    <Alert tone={forbidden ? "busy" : "bad"}>
      {forbidden && (
        <p>
          <b>{t("common.forbidden")}</b>
        </p>
      )}
      <p>{unreachable ? t("common.unreachable") : message}</p>
      {error instanceof ApiError && (
        <p className={styles.detail}>
          <code>{error.code}</code>
          {error.requestId && (
            <>
              {" · "}
              {t("common.requestId")} <code>{error.requestId}</code>
            </>
          )}
        </p>
      )}
    </Alert>
  );
}
