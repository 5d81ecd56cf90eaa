/** Change the document: first a plan with what would have been decided differently, then the change. */
import { useState } from "react";
import { documentOf, type Plan, useApply, useMakePlan } from "~/api/configuration";
import { useApi } from "~/api/context";
import { placesOf } from "~/features/shared/faults";
import { useSpeech } from "~/lib/i18n/context";
import { Alert, Fault } from "~/ui/alert";
import { Button } from "~/ui/button";
import { CodeEditor } from "~/ui/code-editor";
import { CheckField, TextField } from "~/ui/field";
import { Panel } from "~/ui/panel";
import styles from "./configuration.module.css";
import { PlanView } from "./plan-view";

export function ChangeDocument() {
  const { t } = useSpeech();
  const api = useApi();
  const plan = useMakePlan();
  const apply = useApply();
  const [text, setText] = useState("");
  const [prune, setPrune] = useState(true);
  const [loading, setLoading] = useState<unknown>(null);
  const typed = (value: string) => {
    // A plan is for one text only.
    plan.reset();
    apply.reset();
    setText(value);
  };
  const load = () => void documentOf(api, null).then(typed, setLoading);
  return (
    <>
      <Panel
        title={t("configuration.document")}
        actions={
          <Button small icon="download" onClick={load}>
            {t("configuration.load")}
          </Button>
        }
      >
        <div className={styles.form}>
          <CodeEditor
            label={t("configuration.documentHint")}
            rows={18}
            value={text}
            onChange={typed}
            faults={placesOf(plan.error).map(({ line }) => line)}
          />
          <CheckField
            label={t("configuration.prune")}
            hint={t("configuration.pruneHint")}
            checked={prune}
            onChange={(event) => {
              plan.reset();
              setPrune(event.target.checked);
            }}
          />
          <Fault error={loading ?? plan.error} />
          <div>
            <Button
              kind="primary"
              busy={plan.isPending}
              disabled={text.trim() === ""}
              onClick={() => plan.mutate({ text, prune })}
            >
              {t("configuration.plan")}
            </Button>
          </div>
        </div>
      </Panel>
      {plan.data && <PlanView plan={plan.data} />}
      {plan.data && plan.data.changes.length > 0 && (
        <ApplyForm apply={apply} plan={plan.data} text={text} prune={prune} />
      )}
    </>
  );
}

interface ApplyFormProps {
  readonly apply: ReturnType<typeof useApply>;
  readonly plan: Plan;
  readonly text: string;
  readonly prune: boolean;
}

function ApplyForm({ apply, plan, text, prune }: ApplyFormProps) {
  const { t } = useSpeech();
  const [reason, setReason] = useState("");
  const applied = apply.data?.revision.number;
  return (
    <Panel title={t("configuration.apply")}>
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          apply.mutate({ text, prune, reason: reason.trim(), base: plan.base });
        }}
      >
        <TextField
          label={t("configuration.reason")}
          hint={t("configuration.reasonHint")}
          required
          value={reason}
          onChange={(event) => setReason(event.target.value)}
        />
        <Fault error={apply.error} />
        {applied !== undefined && (
          <Alert tone="ok">
            {t(applied === plan.base ? "configuration.appliedSame" : "configuration.applied", { number: applied })}
          </Alert>
        )}
        <div>
          <Button type="submit" kind="primary" busy={apply.isPending} disabled={applied !== undefined}>
            {t("configuration.apply")}
          </Button>
        </div>
      </form>
    </Panel>
  );
}
