/** Set a limit; a sentence says all the while what it will mean. */
import { useState } from "react";
import { type Away, type Edge, type Limit, type LimitScope, usePutLimit } from "~/api/limits";
import { MEASURES, type Measure, type Period } from "~/api/measures";
import { useMay } from "~/features/shared/may";
import { SubjectField } from "~/features/shared/pickers";
import { useCurrency } from "~/features/shared/use-currency";
import { useSpeech } from "~/lib/i18n/context";
import { Alert, Fault } from "~/ui/alert";
import { Dialog, DialogForm } from "~/ui/dialog";
import { FieldRow, SelectField, TextField } from "~/ui/field";
import { emptyForm, formOf, type LimitForm, limitOf, SCOPES, withMeasure } from "./limit-form";
import styles from "./limits.module.css";
import { meaningOf } from "./sentence";

interface LimitDialogProps {
  /** Null makes a new one. */
  readonly limit: Limit | null;
  readonly project?: string;
  readonly onClose: () => void;
}

export function LimitDialog({ limit, project = "", onClose }: LimitDialogProps) {
  const { t } = useSpeech();
  const { me } = useMay();
  const [form, setForm] = useState(() =>
    limit === null ? { ...emptyForm(me?.tenant ?? "default"), subject: project } : formOf(limit),
  );
  const put = usePutLimit();
  const set = (part: Partial<LimitForm>) => setForm({ ...form, ...part });
  return (
    <Dialog
      title={limit === null ? t("limits.createTitle") : t("limits.editTitle", { name: limit.name })}
      onClose={onClose}
    >
      <DialogForm
        submit={limit === null ? t("limits.create") : t("common.save")}
        busy={put.isPending}
        ready={form.amount > 0}
        onSubmit={() => put.mutate(limitOf(form), { onSuccess: onClose })}
        onClose={onClose}
      >
        <TextField
          label={t("common.name")}
          hint={t("limits.nameHint")}
          required
          readOnly={limit !== null}
          spellCheck={false}
          value={form.name}
          onChange={(event) => set({ name: event.target.value })}
        />
        <WhoFields form={form} onChange={set} />
        <AmountFields form={form} onChange={set} onMeasure={(measure) => setForm(withMeasure(form, measure))} />
        <Meaning form={form} />
        <More form={form} onChange={set} />
        <Fault error={put.error} />
      </DialogForm>
    </Dialog>
  );
}

interface PartProps {
  readonly form: LimitForm;
  readonly onChange: (part: Partial<LimitForm>) => void;
}

function WhoFields({ form, onChange }: PartProps) {
  const { t } = useSpeech();
  const { me } = useMay();
  const scopes = SCOPES.filter((scope) => scope !== "house" || me?.house === true);
  return (
    <FieldRow>
      <SelectField
        label={t("limits.scope")}
        value={form.scope}
        onChange={(event) => onChange({ scope: event.target.value as LimitScope, subject: "" })}
      >
        {scopes.map((scope) => (
          <option key={scope} value={scope}>
            {t(`limits.scope_${scope}`)}
          </option>
        ))}
      </SelectField>
      {form.scope !== "house" && (
        <SubjectField
          scope={form.scope}
          tenant={form.tenant}
          label={t("limits.subject")}
          hint={t("limits.subjectHint")}
          value={form.subject}
          onChange={(subject) => onChange({ subject })}
        />
      )}
    </FieldRow>
  );
}

function AmountFields({ form, onChange, onMeasure }: PartProps & { readonly onMeasure: (measure: Measure) => void }) {
  const { t } = useSpeech();
  return (
    <FieldRow>
      <TextField
        label={t("limits.amount")}
        type="number"
        min={0}
        step={MEASURES[form.measure].kind === "money" ? "any" : 1}
        required
        value={Number.isNaN(form.amount) ? "" : form.amount}
        onChange={(event) => onChange({ amount: event.target.valueAsNumber })}
      />
      <SelectField
        label={t("limits.measure")}
        value={form.measure}
        onChange={(event) => onMeasure(event.target.value as Measure)}
      >
        {(Object.keys(MEASURES) as Measure[]).map((measure) => (
          <option key={measure} value={measure}>
            {t(`limits.measure_${measure}`)}
          </option>
        ))}
      </SelectField>
      <SelectField
        label={t("limits.period")}
        value={form.period}
        onChange={(event) => onChange({ period: event.target.value as Period })}
      >
        {MEASURES[form.measure].periods.map((period) => (
          <option key={period} value={period}>
            {t(`limits.period_${period}`)}
          </option>
        ))}
      </SelectField>
    </FieldRow>
  );
}

function Meaning({ form }: { readonly form: LimitForm }) {
  const { t, format } = useSpeech();
  const currency = useCurrency();
  if (!(form.amount > 0)) return null;
  return (
    <Alert tone="accent">
      <span className="unseen">{t("limits.means")}: </span>
      {meaningOf(limitOf(form), t, format, currency).join(" ")}
    </Alert>
  );
}

function More({ form, onChange }: PartProps) {
  const { t } = useSpeech();
  return (
    <details className={styles.more}>
      <summary>{t("limits.more")}</summary>
      <div>
        <TextField
          label={t("limits.models")}
          hint={t("limits.modelsHint")}
          required
          spellCheck={false}
          value={form.models}
          onChange={(event) => onChange({ models: event.target.value })}
        />
        <FieldRow>
          <SelectField
            label={t("limits.edge")}
            value={form.edge}
            onChange={(event) => onChange({ edge: event.target.value as Edge })}
          >
            <option value="hard">{t("limits.edge_hard")}</option>
            <option value="soft">{t("limits.edge_soft")}</option>
          </SelectField>
          <TextField
            label={t("limits.warnAt")}
            spellCheck={false}
            value={form.warnAt}
            onChange={(event) => onChange({ warnAt: event.target.value })}
          />
        </FieldRow>
        <SelectField
          label={t("limits.away")}
          value={form.away}
          onChange={(event) => onChange({ away: event.target.value as Away })}
        >
          <option value="local_share">{t("limits.away_local_share")}</option>
          <option value="refuse">{t("limits.away_refuse")}</option>
          <option value="allow">{t("limits.away_allow")}</option>
        </SelectField>
      </div>
    </details>
  );
}
