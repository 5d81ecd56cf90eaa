/** Try, restart, delete. */
import { useState } from "react";
import { useLocation } from "wouter";
import { useDeleteDeployment, useRestartDeployment } from "~/api/deployments";
import type { Deployment } from "~/api/types";
import { Allowed } from "~/features/shared/allowed";
import { useSpeech } from "~/lib/i18n/context";
import { Fault } from "~/ui/alert";
import { Button, ButtonLink } from "~/ui/button";
import { Dialog, DialogForm } from "~/ui/dialog";
import { CheckField } from "~/ui/field";

export function DeploymentActions({ deployment }: { readonly deployment: Deployment }) {
  const { t } = useSpeech();
  const [, go] = useLocation();
  const { name } = deployment.spec;
  const [deleting, setDeleting] = useState(false);
  const restart = useRestartDeployment(name);
  return (
    <>
      {deployment.task === "chat" && (
        <ButtonLink icon="playground" href={`/playground?model=${encodeURIComponent(name)}`}>
          {t("deployments.try")}
        </ButtonLink>
      )}
      <Allowed to="deployments:write">
        <Button icon="restart" busy={restart.isPending} onClick={() => restart.mutate(undefined)}>
          {t("deployments.restart")}
        </Button>
        <Button kind="danger" icon="trash" onClick={() => setDeleting(true)}>
          {t("common.delete")}
        </Button>
      </Allowed>
      <Fault error={restart.error} />
      {deleting && <DeleteDialog name={name} onClose={() => setDeleting(false)} onDeleted={() => go("/deployments")} />}
    </>
  );
}

interface DeleteDialogProps {
  readonly name: string;
  readonly onClose: () => void;
  readonly onDeleted: () => void;
}

function DeleteDialog({ name, onClose, onDeleted }: DeleteDialogProps) {
  const { t } = useSpeech();
  const [force, setForce] = useState(false);
  const remove = useDeleteDeployment(name, onDeleted);
  return (
    <Dialog title={t("deployments.delete", { name })} onClose={onClose}>
      <DialogForm
        danger
        submit={t("common.delete")}
        busy={remove.isPending}
        onSubmit={() => remove.mutate(force)}
        onClose={onClose}
      >
        <p>{t("deployments.deleteLead")}</p>
        <CheckField
          label={t("deployments.deleteForce")}
          hint={t("deployments.deleteForceHint")}
          checked={force}
          onChange={(event) => setForce(event.target.checked)}
        />
        <Fault error={remove.error} />
      </DialogForm>
    </Dialog>
  );
}
