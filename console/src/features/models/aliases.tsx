/** The movable names of a version: take one away, or move one here. */
import { useState } from "react";
import { useRemoveAlias, useSetAlias } from "~/api/models";
import type { Version } from "~/api/types";
import { Allowed } from "~/features/allowed";
import { useSpeech } from "~/lib/i18n/context";
import { Fault } from "~/ui/alert";
import { Badge } from "~/ui/badge";
import { Button, IconButton } from "~/ui/button";
import { Dialog, DialogForm } from "~/ui/dialog";
import { TextField } from "~/ui/field";
import styles from "./models.module.css";

export function Aliases({ version }: { readonly version: Version }) {
  const { t } = useSpeech();
  const [setting, setSetting] = useState(false);
  const remove = useRemoveAlias(version.model);
  return (
    <div className={styles.stack}>
      <div className={styles.chips}>
        <span>{t("models.aliases")}</span>
        {version.aliases.map((alias) => (
          <span key={alias} className={styles.chip}>
            <Badge tone="accent">{alias}</Badge>
            <Allowed to="models:write">
              <IconButton
                icon="close"
                label={t("models.removeAlias", { alias })}
                disabled={remove.isPending}
                onClick={() => remove.mutate(alias)}
              />
            </Allowed>
          </span>
        ))}
        <Allowed to="models:write">
          <Button small icon="plus" onClick={() => setSetting(true)}>
            {t("models.setAlias")}
          </Button>
        </Allowed>
      </div>
      <Fault error={remove.error} />
      {setting && <AliasDialog version={version} onClose={() => setSetting(false)} />}
    </div>
  );
}

interface AliasDialogProps {
  readonly version: Version;
  readonly onClose: () => void;
}

function AliasDialog({ version, onClose }: AliasDialogProps) {
  const { t } = useSpeech();
  const [alias, setAlias] = useState("stable");
  const move = useSetAlias(version.model);
  return (
    <Dialog title={t("models.moveAlias")} onClose={onClose}>
      <DialogForm
        submit={t("models.setAlias")}
        busy={move.isPending}
        onSubmit={() => move.mutate({ alias, version: version.number }, { onSuccess: onClose })}
        onClose={onClose}
      >
        <TextField
          label={t("models.alias")}
          hint={t("models.aliasHint")}
          required
          spellCheck={false}
          value={alias}
          onChange={(event) => setAlias(event.target.value)}
        />
        <Fault error={move.error} />
      </DialogForm>
    </Dialog>
  );
}
