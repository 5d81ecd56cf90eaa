/** A path on the house's machine becomes a model; the job that does it is followed to its end. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useApi } from "~/api/context";
import { jobQuery } from "~/api/jobs";
import { useImportModel } from "~/api/models";
import { StateBadge } from "~/features/shared/states";
import { useSpeech } from "~/lib/i18n/context";
import { Alert, Fault } from "~/ui/alert";
import { Button } from "~/ui/button";
import { Dialog, DialogForm } from "~/ui/dialog";
import { FieldRow, SelectField, TextField } from "~/ui/field";
import { Progress } from "~/ui/progress";
import styles from "./models.module.css";

const QUANTIZATIONS = ["Q8_0", "Q4_0"];

interface ImportDialogProps {
  readonly onClose: () => void;
}

export function ImportDialog({ onClose }: ImportDialogProps) {
  const { t } = useSpeech();
  const importing = useImportModel();
  return (
    <Dialog title={t("models.importTitle")} onClose={onClose}>
      {importing.data ? (
        <ImportJob id={importing.data.job} onClose={onClose} />
      ) : (
        <ImportForm importing={importing} onClose={onClose} />
      )}
    </Dialog>
  );
}

interface ImportFormProps extends ImportDialogProps {
  readonly importing: ReturnType<typeof useImportModel>;
}

function ImportForm({ importing, onClose }: ImportFormProps) {
  const { t } = useSpeech();
  const [form, setForm] = useState({ path: "", model: "", quantization: "", description: "", alias: "" });
  const set = (part: Partial<typeof form>) => setForm({ ...form, ...part });
  return (
    <DialogForm
      submit={t("models.import")}
      busy={importing.isPending}
      onSubmit={() => {
        const { alias, ...rest } = form;
        importing.mutate({ ...rest, aliases: alias.trim() === "" ? [] : [alias.trim()] });
      }}
      onClose={onClose}
    >
      <TextField
        label={t("models.path")}
        hint={t("models.importLead")}
        required
        spellCheck={false}
        value={form.path}
        onChange={(event) => set({ path: event.target.value })}
      />
      <FieldRow>
        <TextField
          label={t("common.name")}
          required
          spellCheck={false}
          value={form.model}
          onChange={(event) => set({ model: event.target.value })}
        />
        <SelectField
          label={t("models.quantization")}
          value={form.quantization}
          onChange={(event) => set({ quantization: event.target.value })}
        >
          <option value="">{t("models.quantizationKeep")}</option>
          {QUANTIZATIONS.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </SelectField>
      </FieldRow>
      <TextField
        label={t("models.importAlias")}
        hint={t("models.importAliasHint")}
        spellCheck={false}
        value={form.alias}
        onChange={(event) => set({ alias: event.target.value })}
      />
      <TextField
        label={t("common.description")}
        value={form.description}
        onChange={(event) => set({ description: event.target.value })}
      />
      <Fault error={importing.error} />
    </DialogForm>
  );
}

function ImportJob({ id, onClose }: ImportDialogProps & { readonly id: string }) {
  const { t } = useSpeech();
  const queries = useQueryClient();
  const job = useQuery(jobQuery(useApi(), id));
  const state = job.data?.state;
  useEffect(() => {
    if (state === "succeeded") void queries.invalidateQueries({ queryKey: ["models"] });
  }, [state, queries]);
  return (
    <div className={styles.job}>
      <Fault error={job.error} />
      {job.data && (
        <>
          <div className={styles.chips}>
            <StateBadge state={job.data.state} />
            <span>{job.data.note}</span>
          </div>
          <Progress value={state === "succeeded" ? 1 : job.data.progress} label={t("models.importTitle")} />
          {state === "succeeded" && <Alert tone="ok">{t("models.importDone")}</Alert>}
          {job.data.error && <Alert tone="bad">{job.data.error}</Alert>}
        </>
      )}
      <div>
        <Button onClick={onClose}>{t("common.close")}</Button>
      </div>
    </div>
  );
}
