/** Return to a revision, once it has been seen what that changes, what goes and what comes back. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { type Plan, rollbackPlanQuery, useRollback } from "~/api/configuration";
import { useApi } from "~/api/context";
import { useSpeech } from "~/lib/i18n/context";
import { Alert, Fault } from "~/ui/alert";
import { Dialog, DialogForm } from "~/ui/dialog";
import { Loading } from "~/ui/empty";
import { TextField } from "~/ui/field";
import { ChangeList } from "./change-list";
import styles from "./configuration.module.css";

interface RollbackDialogProps {
  readonly number: number;
  readonly onClose: () => void;
}

export function RollbackDialog({ number, onClose }: RollbackDialogProps) {
  const { t } = useSpeech();
  const plan = useQuery(rollbackPlanQuery(useApi(), number));
  const rollback = useRollback();
  const [reason, setReason] = useState("");
  const base = plan.data?.base;
  return (
    <Dialog title={t("configuration.rollbackTitle", { number })} onClose={onClose}>
      <DialogForm
        danger
        submit={t("configuration.rollback")}
        busy={rollback.isPending || base === undefined}
        onSubmit={() =>
          base !== undefined &&
          rollback.mutate({ revision: number, reason: reason.trim(), base }, { onSuccess: onClose })
        }
        onClose={onClose}
      >
        <p>{t("configuration.rollbackLead")}</p>
        {plan.isPending && <Loading />}
        {plan.data && <Consequences plan={plan.data} />}
        <TextField
          label={t("configuration.reason")}
          hint={t("configuration.reasonHint")}
          required
          value={reason}
          onChange={(event) => setReason(event.target.value)}
        />
        <Fault error={plan.error ?? rollback.error} />
      </DialogForm>
    </Dialog>
  );
}

function Consequences({ plan }: { readonly plan: Plan }) {
  return (
    <div className={styles.form}>
      <ChangeList changes={plan.changes} />
      {plan.warnings.map((warning) => (
        <Alert key={warning} tone="busy">
          {warning}
        </Alert>
      ))}
      {plan.returns.map((back) => (
        <Alert key={back} tone="ok">
          {back}
        </Alert>
      ))}
    </div>
  );
}
