/** Make a key, with a budget if it shall have one; its secret is shown here and never again. */
import { useState } from "react";
import { useMay } from "~/features/shared/may";
import { PrincipalField, ProjectField, TenantField } from "~/features/shared/pickers";
import { useSpeech } from "~/lib/i18n/context";
import { Fault } from "~/ui/alert";
import { Dialog, DialogForm } from "~/ui/dialog";
import { CheckField, FieldRow, SelectField, TextField } from "~/ui/field";
import { EMPTY_FORM, EXPIRIES, type KeyForm } from "./key-form";
import styles from "./keys.module.css";
import { Secret } from "./secret";
import { type MakeKey, useMakeKey } from "./use-make-key";

interface CreateKeyDialogProps {
  readonly project?: string;
  readonly onClose: () => void;
}

export function CreateKeyDialog({ project, onClose }: CreateKeyDialogProps) {
  const { t } = useSpeech();
  const make = useMakeKey();
  return (
    <Dialog title={t("keys.createTitle")} onClose={onClose}>
      {make.data ? (
        <Secret made={make.data} onClose={onClose} />
      ) : (
        <CreateForm make={make} project={project} onClose={onClose} />
      )}
    </Dialog>
  );
}

interface CreateFormProps {
  readonly make: MakeKey;
  readonly project: string | undefined;
  readonly onClose: () => void;
}

function CreateForm({ make, project, onClose }: CreateFormProps) {
  const { t } = useSpeech();
  const { me, may } = useMay();
  const [typed, setTyped] = useState<Partial<KeyForm>>(project ? { project } : {});
  // Who one is may be known only after the form is open.
  const form = {
    ...EMPTY_FORM,
    ...(me && { tenant: me.tenant, principal: me.principal, project: me.project }),
    ...typed,
  };
  const set = (part: Partial<KeyForm>) => setTyped({ ...typed, ...part });
  return (
    <DialogForm
      submit={t("keys.create")}
      busy={make.isPending}
      ready={form.inference || form.admin}
      onSubmit={() => make.mutate(form)}
      onClose={onClose}
    >
      <TextField
        label={t("common.name")}
        required
        value={form.name}
        onChange={(event) => set({ name: event.target.value })}
      />
      <FieldRow>
        <ProjectField
          label={t("keys.ofProject")}
          required
          tenant={form.tenant}
          value={form.project}
          onChange={(value) => set({ project: value })}
        />
        {may("limits:write") && (
          <TextField
            label={t("keys.budget")}
            hint={t("keys.budgetHint")}
            type="number"
            min={0}
            step="any"
            value={form.budget}
            onChange={(event) => set({ budget: event.target.value })}
          />
        )}
      </FieldRow>
      <Scopes form={form} onChange={set} />
      <FieldRow>
        <TextField
          label={t("keys.models")}
          hint={t("keys.modelsHint")}
          required
          spellCheck={false}
          value={form.models}
          onChange={(event) => set({ models: event.target.value })}
        />
        <SelectField
          label={t("keys.expires")}
          value={form.days}
          onChange={(event) => set({ days: Number(event.target.value) })}
        >
          {EXPIRIES.map((days) => (
            <option key={days} value={days}>
              {days === 0 ? t("common.never") : days === 1 ? t("keys.day") : t("keys.days", { n: days })}
            </option>
          ))}
        </SelectField>
      </FieldRow>
      <Owner form={form} onChange={set} />
      <Fault error={make.error} />
    </DialogForm>
  );
}

interface PartProps {
  readonly form: KeyForm;
  readonly onChange: (part: Partial<KeyForm>) => void;
}

function Scopes({ form, onChange }: PartProps) {
  const { t } = useSpeech();
  return (
    <fieldset className={styles.scopes}>
      <legend>{t("keys.scopes")}</legend>
      <CheckField
        label={t("keys.scopeInference")}
        checked={form.inference}
        onChange={(event) => onChange({ inference: event.target.checked })}
      />
      <CheckField
        label={t("keys.scopeAdmin")}
        checked={form.admin}
        onChange={(event) => onChange({ admin: event.target.checked })}
      />
    </fieldset>
  );
}

function Owner({ form, onChange }: PartProps) {
  const { t } = useSpeech();
  return (
    <details className={styles.owned}>
      <summary>{t("keys.more")}</summary>
      <FieldRow>
        <TenantField
          label={t("keys.tenant")}
          required
          value={form.tenant}
          onChange={(tenant) => onChange({ tenant })}
        />
        <PrincipalField
          label={t("keys.principal")}
          required
          tenant={form.tenant}
          value={form.principal}
          onChange={(principal) => onChange({ principal })}
        />
      </FieldRow>
    </details>
  );
}
