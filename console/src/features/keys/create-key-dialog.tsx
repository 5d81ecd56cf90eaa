/** Make a key; its secret is shown here and never again. */
import { useState } from "react";
import { useCreateKey } from "~/api/identity";
import type { CreatedKey } from "~/api/types";
import { useSpeech } from "~/lib/i18n/context";
import { Alert, Fault } from "~/ui/alert";
import { Button } from "~/ui/button";
import { CopyButton } from "~/ui/copy";
import { Dialog, DialogForm } from "~/ui/dialog";
import { CheckField, FieldRow, SelectField, TextField } from "~/ui/field";
import { createKeyOf, EMPTY_FORM, EXPIRIES, type KeyForm } from "./key-form";
import styles from "./keys.module.css";

interface CreateKeyDialogProps {
  readonly onClose: () => void;
}

export function CreateKeyDialog({ onClose }: CreateKeyDialogProps) {
  const { t } = useSpeech();
  const create = useCreateKey();
  return (
    <Dialog title={t("keys.createTitle")} onClose={onClose}>
      {create.data ? (
        <Secret created={create.data} onClose={onClose} />
      ) : (
        <CreateForm create={create} onClose={onClose} />
      )}
    </Dialog>
  );
}

interface CreateFormProps extends CreateKeyDialogProps {
  readonly create: ReturnType<typeof useCreateKey>;
}

function CreateForm({ create, onClose }: CreateFormProps) {
  const { t } = useSpeech();
  const [form, setForm] = useState(EMPTY_FORM);
  const set = (part: Partial<KeyForm>) => setForm({ ...form, ...part });
  return (
    <DialogForm
      submit={t("keys.create")}
      busy={create.isPending}
      ready={form.inference || form.admin}
      onSubmit={() => create.mutate(createKeyOf(form, Date.now() / 1000))}
      onClose={onClose}
    >
      <TextField
        label={t("common.name")}
        required
        value={form.name}
        onChange={(event) => set({ name: event.target.value })}
      />
      <fieldset className={styles.scopes}>
        <legend>{t("keys.scopes")}</legend>
        <CheckField
          label={t("keys.scopeInference")}
          checked={form.inference}
          onChange={(event) => set({ inference: event.target.checked })}
        />
        <CheckField
          label={t("keys.scopeAdmin")}
          checked={form.admin}
          onChange={(event) => set({ admin: event.target.checked })}
        />
      </fieldset>
      <TextField
        label={t("keys.models")}
        hint={t("keys.modelsHint")}
        required
        spellCheck={false}
        value={form.models}
        onChange={(event) => set({ models: event.target.value })}
      />
      <FieldRow>
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
        <TextField
          label={t("keys.tenant")}
          required
          spellCheck={false}
          value={form.tenant}
          onChange={(event) => set({ tenant: event.target.value })}
        />
        <TextField
          label={t("keys.principal")}
          required
          spellCheck={false}
          value={form.principal}
          onChange={(event) => set({ principal: event.target.value })}
        />
      </FieldRow>
      <Fault error={create.error} />
    </DialogForm>
  );
}

function Secret({ created, onClose }: CreateKeyDialogProps & { readonly created: CreatedKey }) {
  const { t } = useSpeech();
  return (
    <div className={styles.secret}>
      <Alert tone="busy">{t("keys.once")}</Alert>
      <TextField label={t("keys.secret")} readOnly value={created.secret} onFocus={(event) => event.target.select()} />
      <div className={styles.foot}>
        <CopyButton text={created.secret} />
        <Button kind="primary" onClick={onClose}>
          {t("common.close")}
        </Button>
      </div>
    </div>
  );
}
