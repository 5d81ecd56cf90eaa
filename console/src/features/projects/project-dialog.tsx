/** Make a project, or give it another title. */
import { useState } from "react";
import { type Project, usePutProject } from "~/api/tenancy";
import { useMay } from "~/features/shared/may";
import { TenantField } from "~/features/shared/pickers";
import { useSpeech } from "~/lib/i18n/context";
import { Fault } from "~/ui/alert";
import { Dialog, DialogForm } from "~/ui/dialog";
import { TextField } from "~/ui/field";

interface ProjectDialogProps {
  readonly project: Project | null;
  readonly onClose: () => void;
}

export function ProjectDialog({ project, onClose }: ProjectDialogProps) {
  const { t } = useSpeech();
  const { me } = useMay();
  const put = usePutProject();
  const [name, setName] = useState(project?.name ?? "");
  const [title, setTitle] = useState(project?.title ?? "");
  const [chosen, setTenant] = useState(project?.tenant);
  const tenant = chosen ?? me?.tenant ?? "default";
  const body = { tenant: tenant.trim(), name: name.trim(), title: title.trim() };
  return (
    <Dialog
      title={project ? t("projects.editTitle", { name: project.name }) : t("projects.createTitle")}
      onClose={onClose}
    >
      <DialogForm
        submit={project ? t("common.save") : t("projects.create")}
        busy={put.isPending}
        onSubmit={() => put.mutate(body, { onSuccess: onClose })}
        onClose={onClose}
      >
        <TextField
          label={t("common.name")}
          hint={t("projects.nameHint")}
          required
          readOnly={project !== null}
          spellCheck={false}
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
        <TextField
          label={t("common.titleField")}
          hint={t("common.titleHint")}
          value={title}
          onChange={(event) => setTitle(event.target.value)}
        />
        {me?.house && project === null && (
          <TenantField label={t("common.tenant")} required value={tenant} onChange={setTenant} />
        )}
        <Fault error={put.error} />
      </DialogForm>
    </Dialog>
  );
}
