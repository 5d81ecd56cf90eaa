/** Do without a limit, after a second thought. */
import { type Limit, useDeleteLimit } from "~/api/limits";
import { useSpeech } from "~/lib/i18n/context";
import { Confirm } from "~/ui/confirm";

interface DeleteLimitDialogProps {
  readonly limit: Limit;
  readonly onClose: () => void;
}

export function DeleteLimitDialog({ limit, onClose }: DeleteLimitDialogProps) {
  const { t } = useSpeech();
  const remove = useDeleteLimit();
  return (
    <Confirm
      title={t("limits.deleteTitle", { name: limit.name })}
      submit={t("common.delete")}
      change={remove}
      variables={limit.name}
      onClose={onClose}
    >
      <p>{t("limits.deleteLead")}</p>
    </Confirm>
  );
}
