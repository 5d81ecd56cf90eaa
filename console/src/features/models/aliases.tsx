/** The movable names of a version: take one away, or move one here. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useApi } from "~/api/context";
import { deploymentsQuery } from "~/api/deployments";
import { useRemoveAlias, useSetAlias } from "~/api/models";
import type { Version } from "~/api/types";
import { Allowed } from "~/features/shared/allowed";
import { useMay } from "~/features/shared/may";
import { useSpeech } from "~/lib/i18n/context";
import { Alert, Fault } from "~/ui/alert";
import { Badge } from "~/ui/badge";
import { Button, IconButton } from "~/ui/button";
import { Dialog, DialogForm } from "~/ui/dialog";
import { TextField } from "~/ui/field";
import styles from "./models.module.css";

const STABLE = "stable";

export function Aliases({ version }: { readonly version: Version }) {
  const { t } = useSpeech();
  const [setting, setSetting] = useState<"set" | "promote" | null>(null);
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
          <Button small icon="plus" onClick={() => setSetting("set")}>
            {t("models.setAlias")}
          </Button>
          {!version.aliases.includes(STABLE) && (
            <Button small kind="primary" onClick={() => setSetting("promote")}>
              {t("models.promote")}
            </Button>
          )}
        </Allowed>
      </div>
      <Fault error={remove.error} />
      {setting && <AliasDialog version={version} promoting={setting === "promote"} onClose={() => setSetting(null)} />}
    </div>
  );
}

interface AliasDialogProps {
  readonly version: Version;
  readonly promoting: boolean;
  readonly onClose: () => void;
}

function AliasDialog({ version, promoting, onClose }: AliasDialogProps) {
  const { t } = useSpeech();
  const [alias, setAlias] = useState(STABLE);
  const move = useSetAlias(version.model);
  return (
    <Dialog
      title={promoting ? t("models.promoteTitle", { n: version.number }) : t("models.moveAlias")}
      onClose={onClose}
    >
      <DialogForm
        submit={promoting ? t("models.promote") : t("models.setAlias")}
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
        <Rolling version={version} alias={alias.trim()} />
        <Fault error={move.error} />
      </DialogForm>
    </Dialog>
  );
}

/** Which deployments roll over when the alias moves here. */
function Rolling({ version, alias }: { readonly version: Version; readonly alias: string }) {
  const { t } = useSpeech();
  const { may } = useMay();
  const deployments = useQuery({ ...deploymentsQuery(useApi()), enabled: may("deployments:read") });
  if (deployments.data === undefined) return null;
  const following = deployments.data.filter(
    ({ spec, version: served }) =>
      spec.model === version.model && spec.reference === alias && served !== version.number,
  );
  if (following.length === 0) return <Alert tone="ok">{t("models.rollsNothing")}</Alert>;
  return (
    <Alert tone="busy">
      {t("models.rolls", {
        n: version.number,
        names: following.map(({ spec, version: served }) => `${spec.name} (${served})`).join(", "),
      })}
    </Alert>
  );
}
