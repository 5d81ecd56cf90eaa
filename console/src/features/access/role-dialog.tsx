/** Make a role, or change what its holders may. */
import { useState } from "react";
import { type Role, usePutRole } from "~/api/governance";
import { useMay } from "~/features/shared/may";
import { useSpeech } from "~/lib/i18n/context";
import { Fault } from "~/ui/alert";
import { Dialog, DialogForm } from "~/ui/dialog";
import { CheckField, TextArea, TextField } from "~/ui/field";

export function RoleDialog({ role, onClose }: { readonly role: Role | null; readonly onClose: () => void }) {
  const { t } = useSpeech();
  const { me } = useMay();
  const put = usePutRole();
  const [name, setName] = useState(role?.name ?? "");
  const [title, setTitle] = useState(role?.title ?? "");
  const [permissions, setPermissions] = useState(role?.permissions.join("\n") ?? "");
  const [house, setHouse] = useState(role?.house ?? false);
  const words = permissions.split(/[,，\s]+/).filter((word) => word !== "");
  const body = { name: name.trim(), title: title.trim(), permissions: words, house, built_in: false };
  return (
    <Dialog title={role ? t("access.editRole", { name: role.name }) : t("access.createRole")} onClose={onClose}>
      <DialogForm
        submit={role ? t("common.save") : t("access.createRole")}
        busy={put.isPending}
        onSubmit={() => put.mutate(body, { onSuccess: onClose })}
        onClose={onClose}
      >
        <TextField
          label={t("common.name")}
          required
          readOnly={role !== null}
          spellCheck={false}
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
        <TextField label={t("common.titleField")} value={title} onChange={(event) => setTitle(event.target.value)} />
        <TextArea
          label={t("access.permissions")}
          hint={t("access.permissionsHint")}
          rows={5}
          required
          spellCheck={false}
          value={permissions}
          onChange={(event) => setPermissions(event.target.value)}
        />
        {me?.house && (
          <CheckField
            label={t("access.house")}
            hint={t("access.houseHint")}
            checked={house}
            onChange={(event) => setHouse(event.target.checked)}
          />
        )}
        <Fault error={put.error} />
      </DialogForm>
    </Dialog>
  );
}
