/** Ask whether somebody may do something, and why; nothing is done. */
import { type FormEvent, useState } from "react";
import { type Decision, useTryPolicies } from "~/api/governance";
import { attributesOf } from "~/features/shared/attributes";
import { useMay } from "~/features/shared/may";
import { PrincipalField, ProjectField, TenantField } from "~/features/shared/pickers";
import { useSpeech } from "~/lib/i18n/context";
import { Alert, Fault } from "~/ui/alert";
import { Badge } from "~/ui/badge";
import { Button } from "~/ui/button";
import { FieldRow, TextArea, TextField } from "~/ui/field";
import { Panel } from "~/ui/panel";
import styles from "./access.module.css";
import { decideOf, EMPTY_QUESTION, type TryForm } from "./try-form";

export function TryBox() {
  const { t } = useSpeech();
  const { me } = useMay();
  const ask = useTryPolicies();
  const [typed, setTyped] = useState<Partial<TryForm>>({});
  const form = { ...EMPTY_QUESTION, ...(me && { tenant: me.tenant, principal: me.principal }), ...typed };
  const set = (part: Partial<TryForm>) => {
    ask.reset();
    setTyped({ ...typed, ...part });
  };
  const fault = [form.attributes, form.context].map(attributesOf).find((one) => typeof one === "number");
  const submitted = (event: FormEvent) => {
    event.preventDefault();
    ask.mutate({ cases: [{ name: "asked", ask: decideOf(form), expect: "allow" }] });
  };
  return (
    <Panel title={t("access.tabTry")}>
      <form className={styles.form} onSubmit={submitted}>
        <p className={styles.faint}>{t("access.tryLead")}</p>
        <Subject form={form} onChange={set} />
        <Thing form={form} onChange={set} />
        {fault !== undefined && <Alert tone="bad">{t("people.attributesFault", { line: Number(fault) })}</Alert>}
        <Fault error={ask.error} />
        <div>
          <Button type="submit" kind="primary" busy={ask.isPending} disabled={fault !== undefined}>
            {t("access.ask")}
          </Button>
        </div>
        {ask.data?.items[0] && <Verdict decision={ask.data.items[0].decision} />}
      </form>
    </Panel>
  );
}

interface PartProps {
  readonly form: TryForm;
  readonly onChange: (part: Partial<TryForm>) => void;
}

function Subject({ form, onChange }: PartProps) {
  const { t } = useSpeech();
  return (
    <>
      <FieldRow>
        <TenantField
          label={t("common.tenant")}
          required
          value={form.tenant}
          onChange={(tenant) => onChange({ tenant })}
        />
        <PrincipalField
          label={t("access.who")}
          required
          tenant={form.tenant}
          value={form.principal}
          onChange={(principal) => onChange({ principal })}
        />
        <ProjectField
          label={t("common.project")}
          tenant={form.tenant}
          value={form.project}
          onChange={(project) => onChange({ project })}
        />
      </FieldRow>
      <FieldRow>
        <TextField
          label={t("access.role")}
          hint={t("access.rolesHint")}
          spellCheck={false}
          value={form.roles}
          onChange={(event) => onChange({ roles: event.target.value })}
        />
        <TextArea
          label={t("people.attributes")}
          hint={t("people.attributesHint")}
          rows={2}
          spellCheck={false}
          value={form.attributes}
          onChange={(event) => onChange({ attributes: event.target.value })}
        />
      </FieldRow>
    </>
  );
}

function Thing({ form, onChange }: PartProps) {
  const { t } = useSpeech();
  return (
    <FieldRow>
      <TextField
        label={t("access.action")}
        hint={t("access.actionHint")}
        required
        spellCheck={false}
        value={form.action}
        onChange={(event) => onChange({ action: event.target.value })}
      />
      <TextField
        label={t("access.resourceKind")}
        required
        spellCheck={false}
        value={form.kind}
        onChange={(event) => onChange({ kind: event.target.value })}
      />
      <TextField
        label={t("access.resourceName")}
        spellCheck={false}
        value={form.name}
        onChange={(event) => onChange({ name: event.target.value })}
      />
      <TextArea
        label={t("access.context")}
        rows={2}
        spellCheck={false}
        value={form.context}
        onChange={(event) => onChange({ context: event.target.value })}
      />
    </FieldRow>
  );
}

function Verdict({ decision }: { readonly decision: Decision }) {
  const { t } = useSpeech();
  const { allowed, why, policies } = decision;
  return (
    <Alert tone={allowed ? "ok" : "busy"}>
      <p>
        <b>{t(allowed ? "access.allowed" : "access.denied")}</b> {why}
      </p>
      <p className={styles.badges}>
        {t("access.decided")}:
        {policies.length === 0
          ? ` ${t("access.noPolicies")}`
          : policies.map((name) => <Badge key={name}>{name}</Badge>)}
      </p>
    </Alert>
  );
}
