/** Ask for a model to be served: one of the registry, or one that a service outside answers for. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useApi } from "~/api/context";
import { useDeploy } from "~/api/deployments";
import { modelsQuery } from "~/api/models";
import { allItems } from "~/api/paging";
import { useSpeech } from "~/lib/i18n/context";
import { Fault } from "~/ui/alert";
import { Choice } from "~/ui/choice";
import { Dialog, DialogForm } from "~/ui/dialog";
import { FieldRow, TextField } from "~/ui/field";
import { type DeployForm, emptyForm, specOf } from "./deploy-form";
import { RegistryFields, RemoteFields } from "./source-fields";

interface DeployDialogProps {
  readonly model: string;
  readonly onClose: () => void;
}

export function DeployDialog({ model, onClose }: DeployDialogProps) {
  const { t } = useSpeech();
  const [form, setForm] = useState(() => emptyForm(model));
  const deploy = useDeploy();
  const models = allItems(useInfiniteQuery(modelsQuery(useApi())).data);
  const set = (part: Partial<DeployForm>) => setForm({ ...form, ...part });
  return (
    <Dialog title={t("deployments.deployTitle")} onClose={onClose}>
      <DialogForm
        submit={t("deployments.deploy")}
        busy={deploy.isPending}
        onSubmit={() => deploy.mutate(specOf(form), { onSuccess: onClose })}
        onClose={onClose}
      >
        <div>
          <Choice
            label={t("deployments.source")}
            options={[
              { value: "registry", label: t("models.title") },
              { value: "remote", label: t("deployments.remote") },
            ]}
            value={form.source}
            onChange={(source) => set({ source })}
          />
        </div>
        {form.source === "registry" ? (
          <RegistryFields form={form} models={models} onChange={set} />
        ) : (
          <RemoteFields form={form} onChange={set} />
        )}
        <FieldRow>
          <TextField
            label={t("common.name")}
            hint={t("deployments.nameHint")}
            required
            spellCheck={false}
            value={form.name}
            onChange={(event) => set({ name: event.target.value })}
          />
          <TextField
            label={t("deployments.concurrency")}
            hint={t("deployments.concurrencyHint")}
            type="number"
            min={1}
            value={form.concurrency}
            onChange={(event) => set({ concurrency: event.target.valueAsNumber })}
          />
        </FieldRow>
        <Fault error={deploy.error} />
      </DialogForm>
    </Dialog>
  );
}
