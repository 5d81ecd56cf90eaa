/** Give an upstream one more credential; requests take turns with all that are active. */
import { useState } from "react";
import { useAddCredential } from "~/api/upstreams";
import { useSpeech } from "~/lib/i18n/context";
import { Fault } from "~/ui/alert";
import { Dialog, DialogForm } from "~/ui/dialog";
import { CredentialFields, hasSecret, NO_SECRET } from "./credential-fields";

export function CredentialDialog({ upstream, onClose }: { readonly upstream: string; readonly onClose: () => void }) {
  const { t } = useSpeech();
  const add = useAddCredential();
  const [value, setValue] = useState(NO_SECRET);
  return (
    <Dialog title={t("upstreams.addCredentialTitle", { name: upstream })} onClose={onClose}>
      <DialogForm
        submit={t("upstreams.addCredential")}
        busy={add.isPending}
        ready={hasSecret(value)}
        onSubmit={() => add.mutate({ upstream, ...value, secret: value.secret.trim() }, { onSuccess: onClose })}
        onClose={onClose}
      >
        <CredentialFields value={value} onChange={(part) => setValue({ ...value, ...part })} />
        <Fault error={add.error} />
      </DialogForm>
    </Dialog>
  );
}
