/** Write a policy: what is wrong in it is told by line and column, before it is in force. */
import { type FormEvent, useState } from "react";
import { type Policy, usePutPolicy, useTryPolicies } from "~/api/governance";
import { placesOf } from "~/features/shared/faults";
import { useSpeech } from "~/lib/i18n/context";
import { Alert, Fault } from "~/ui/alert";
import { Button } from "~/ui/button";
import { CodeEditor } from "~/ui/code-editor";
import { CheckField, FieldRow, TextField } from "~/ui/field";
import { Panel } from "~/ui/panel";
import styles from "./access.module.css";

const START = `// At night nobody of this project asks the large model; hours are UTC.
forbid (
  principal in Project::"default/default",
  action == Action::"models:use",
  resource == Model::"large"
) when { context.hour < 6 };
`;

export function PolicyEditor({ policy, onClose }: { readonly policy: Policy | null; readonly onClose: () => void }) {
  const { t } = useSpeech();
  const put = usePutPolicy();
  const check = useTryPolicies();
  const [name, setName] = useState(policy?.name ?? "");
  const [description, setDescription] = useState(policy?.description ?? "");
  const [enabled, setEnabled] = useState(policy?.enabled ?? true);
  const [text, setText] = useState(policy?.text ?? START);
  const body = { name: name.trim(), description: description.trim(), enabled, text };
  const error = put.error ?? check.error;
  const submitted = (event: FormEvent) => {
    event.preventDefault();
    check.reset();
    put.mutate(body, { onSuccess: onClose });
  };
  const checked = () => {
    put.reset();
    check.mutate({ cases: [], policies: [{ ...body, name: body.name || "draft" }] });
  };
  const typed = (value: string) => {
    check.reset();
    put.reset();
    setText(value);
  };
  return (
    <Panel title={policy ? t("access.editPolicy", { name: policy.name }) : t("access.createPolicy")}>
      <form className={styles.form} onSubmit={submitted}>
        <FieldRow>
          <TextField
            label={t("common.name")}
            required
            readOnly={policy !== null}
            spellCheck={false}
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
          <TextField
            label={t("common.description")}
            value={description}
            onChange={(event) => setDescription(event.target.value)}
          />
        </FieldRow>
        <CodeEditor
          label={t("access.text")}
          required
          rows={16}
          value={text}
          onChange={typed}
          faults={placesOf(error).map(({ line }) => line)}
        />
        <PolicyFault error={error} />
        {check.isSuccess && <Alert tone="ok">{t("access.checked")}</Alert>}
        <CheckField
          label={t("access.enabled")}
          checked={enabled}
          onChange={(event) => setEnabled(event.target.checked)}
        />
        <footer className={styles.foot}>
          <Button busy={check.isPending} onClick={checked}>
            {t("access.check")}
          </Button>
          <Button onClick={onClose}>{t("common.cancel")}</Button>
          <Button type="submit" kind="primary" busy={put.isPending}>
            {t("common.save")}
          </Button>
        </footer>
      </form>
    </Panel>
  );
}

function PolicyFault({ error }: { readonly error: unknown }) {
  const { t } = useSpeech();
  const places = placesOf(error);
  return (
    <>
      {places.length > 0 && (
        <ul className={styles.places}>
          {places.map(({ line, column }) => (
            <li key={`${line}:${column}`}>{t("access.faultAt", { line, column })}</li>
          ))}
        </ul>
      )}
      <Fault error={error} />
    </>
  );
}
