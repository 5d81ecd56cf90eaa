/** Recompute the whole chain, and say whether it holds. */
import { useVerifyAudit } from "~/api/governance";
import { useSpeech } from "~/lib/i18n/context";
import { Alert, Fault } from "~/ui/alert";
import { Button } from "~/ui/button";
import styles from "./audit.module.css";

export function VerifyButton() {
  const { t, format } = useSpeech();
  const verify = useVerifyAudit();
  const verdict = verify.data;
  return (
    <div className={styles.verify}>
      <Button icon="shield" busy={verify.isPending} onClick={() => verify.mutate()}>
        {t("audit.verify")}
      </Button>
      <Fault error={verify.error} />
      {verdict?.intact && (
        <Alert tone="ok">
          <p>{t("audit.intact", { records: format.count(verdict.records) })}</p>
          <p className={styles.head}>
            {t("audit.head")} <code>{verdict.head}</code>
          </p>
        </Alert>
      )}
      {verdict && !verdict.intact && (
        <Alert tone="bad">
          <p>{t("audit.broken", { sequence: verdict.broken_at ?? "?" })}</p>
          <p>{verdict.why}</p>
        </Alert>
      )}
    </div>
  );
}
