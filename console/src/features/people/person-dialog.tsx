/** Add somebody, or change what is known of them. */
import { useState } from "react";
import { type Principal, type PrincipalKind, usePutPrincipal } from "~/api/tenancy";
import { useMay } from "~/features/shared/may";
import { TenantField } from "~/features/shared/pickers";
import { useSpeech } from "~/lib/i18n/context";
import { Alert, Fault } from "~/ui/alert";
import { Choice } from "~/ui/choice";
import { Dialog, DialogForm } from "~/ui/dialog";
import { FieldRow, TextArea, TextField } from "~/ui/field";
import { emptyPerson, type PersonForm, personFormOf, principalOf } from "./person-form";
import { RoleFields } from "./role-fields";

interface PersonDialogProps {
  readonly principal: Principal | null;
  readonly tenant: string;
  readonly onClose: () => void;
}

export function PersonDialog({ principal, tenant, onClose }: PersonDialogProps) {
  const { t } = useSpeech();
  const { me } = useMay();
  const put = usePutPrincipal();
  const [form, setForm] = useState(() => (principal ? personFormOf(principal) : emptyPerson(tenant)));
  const set = (part: Partial<PersonForm>) => setForm({ ...form, ...part });
  const asked = principalOf(form);
  return (
    <Dialog
      title={principal ? t("people.editTitle", { name: principal.name }) : t("people.createTitle")}
      onClose={onClose}
    >
      <DialogForm
        submit={principal ? t("common.save") : t("people.create")}
        busy={put.isPending}
        ready={typeof asked !== "number"}
        onSubmit={() => typeof asked !== "number" && put.mutate(asked, { onSuccess: onClose })}
        onClose={onClose}
      >
        {principal === null && (
          <div>
            <Choice<PrincipalKind>
              label={t("common.kind")}
              options={[
                { value: "user", label: t("people.kind_user") },
                { value: "service", label: t("people.kind_service") },
              ]}
              value={form.kind}
              onChange={(kind) => set({ kind })}
            />
          </div>
        )}
        <FieldRow>
          <TextField
            label={t("common.name")}
            hint={t("projects.nameHint")}
            required
            readOnly={principal !== null}
            spellCheck={false}
            value={form.name}
            onChange={(event) => set({ name: event.target.value })}
          />
          <TextField
            label={t("common.titleField")}
            value={form.title}
            onChange={(event) => set({ title: event.target.value })}
          />
        </FieldRow>
        {me?.house && principal === null && (
          <TenantField
            label={t("common.tenant")}
            required
            value={form.tenant}
            onChange={(value) => set({ tenant: value })}
          />
        )}
        {form.kind === "user" && <Proofs form={form} isNew={principal === null} onChange={set} />}
        <RoleFields tenant={form.tenant} roles={form.roles} onChange={(roles) => set({ roles })} />
        <TextArea
          label={t("people.attributes")}
          hint={t("people.attributesHint")}
          rows={2}
          spellCheck={false}
          value={form.attributes}
          onChange={(event) => set({ attributes: event.target.value })}
        />
        {typeof asked === "number" && <Alert tone="bad">{t("people.attributesFault", { line: asked })}</Alert>}
        <Fault error={put.error} />
      </DialogForm>
    </Dialog>
  );
}

interface ProofsProps {
  readonly form: PersonForm;
  readonly isNew: boolean;
  readonly onChange: (part: Partial<PersonForm>) => void;
}

function Proofs({ form, isNew, onChange }: ProofsProps) {
  const { t } = useSpeech();
  return (
    <FieldRow>
      <TextField
        label={t("people.email")}
        hint={t("people.emailHint")}
        type="email"
        value={form.email}
        onChange={(event) => onChange({ email: event.target.value })}
      />
      {isNew && (
        <TextField
          label={t("people.password")}
          hint={t("people.passwordHint")}
          type="password"
          autoComplete="new-password"
          minLength={12}
          value={form.password}
          onChange={(event) => onChange({ password: event.target.value })}
        />
      )}
    </FieldRow>
  );
}
