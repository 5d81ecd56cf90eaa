/** Remove a version, after a second thought. */
import { useState } from "react";
import { useDeleteVersion } from "~/api/models";
import type { Version } from "~/api/types";
import { useSpeech } from "~/lib/i18n/context";
import { Fault } from "~/ui/alert";
import { IconButton } from "~/ui/button";
import { Dialog, DialogForm } from "~/ui/dialog";

export function DeleteVersion({ version }: { readonly version: Version }) {
  const { t } = useSpeech();
  const [asking, setAsking] = useState(false);
  const remove = useDeleteVersion(version.model);
  const title = t("models.deleteVersion", { n: version.number });
  return (
    <>
      <IconButton icon="trash" label={title} onClick={() => setAsking(true)} />
      {asking && (
        <Dialog title={title} onClose={() => setAsking(false)}>
          <DialogForm
            danger
            submit={t("common.delete")}
            busy={remove.isPending}
            onSubmit={() => remove.mutate(version.number, { onSuccess: () => setAsking(false) })}
            onClose={() => setAsking(false)}
          >
            <p>{t("models.deleteVersionLead")}</p>
            <Fault error={remove.error} />
          </DialogForm>
        </Dialog>
      )}
    </>
  );
}
