/** End a key, after a second thought. */
import { useRevokeKey } from "~/api/identity";
import type { Key } from "~/api/types";
import { useSpeech } from "~/lib/i18n/context";
import { Alert, Fault } from "~/ui/alert";
import { Dialog, DialogForm } from "~/ui/dialog";

interface RevokeDialogProps {
  readonly item: Key;
  readonly mine: boolean;
  readonly onClose: () => void;
}

export function RevokeDialog({ item, mine, onClose }: RevokeDialogProps) {
  const { t } = useSpeech();
  const revoke = useRevokeKey();
  return (
    <Dialog title={t("keys.revokeTitle", { name: item.name })} onClose={onClose}>
      <DialogForm
        danger
        submit={t("keys.revoke")}
        busy={revoke.isPending}
        onSubmit={() => revoke.mutate(item.id, { onSuccess: onClose })}
        onClose={onClose}
      >
        <p>{t("keys.revokeLead")}</p>
        {mine && <Alert tone="busy">{t("keys.yoursWarning")}</Alert>}
        <Fault error={revoke.error} />
      </DialogForm>
    </Dialog>
  );
}
