/** Credentials as they may be shown: how they end, how they are received, and why. */
import { useState } from "react";
import { type Credential, type CredentialState, useDeleteCredential, useReviveCredential } from "~/api/upstreams";
import { useMay } from "~/features/shared/may";
import { useSpeech } from "~/lib/i18n/context";
import { Fault } from "~/ui/alert";
import { Badge } from "~/ui/badge";
import { Button, IconButton } from "~/ui/button";
import { Confirm } from "~/ui/confirm";
import { Since } from "~/ui/since";
import { Table } from "~/ui/table";
import type { Tone } from "~/ui/tone";
import styles from "./upstreams.module.css";

const TONES: Readonly<Record<CredentialState, Tone>> = { active: "ok", cooling: "busy", retired: "bad" };

interface CredentialTableProps {
  readonly upstream: string;
  readonly credentials: readonly Credential[];
}

export function CredentialTable({ upstream, credentials }: CredentialTableProps) {
  const { t } = useSpeech();
  const [deleting, setDeleting] = useState<Credential | null>(null);
  const revive = useReviveCredential();
  return (
    <>
      <Fault error={revive.error} />
      <Table
        caption={`${t("upstreams.credentials")}: ${upstream}`}
        head={[
          t("upstreams.credential"),
          t("common.state"),
          t("upstreams.hint"),
          t("upstreams.changed"),
          <span key="actions" className="unseen">
            {t("common.actions")}
          </span>,
        ]}
      >
        {credentials.map((credential) => (
          <CredentialRow
            key={credential.id}
            credential={credential}
            busy={revive.isPending}
            onRevive={() => revive.mutate(credential.id)}
            onDelete={() => setDeleting(credential)}
          />
        ))}
      </Table>
      {deleting && <DeleteDialog credential={deleting} onClose={() => setDeleting(null)} />}
    </>
  );
}

interface CredentialRowProps {
  readonly credential: Credential;
  readonly busy: boolean;
  readonly onRevive: () => void;
  readonly onDelete: () => void;
}

function CredentialRow({ credential, busy, onRevive, onDelete }: CredentialRowProps) {
  const { t } = useSpeech();
  const { may } = useMay();
  const { name, state, why, hint, reference } = credential;
  return (
    <tr>
      <th scope="row">{name}</th>
      <td>
        <Badge dot tone={TONES[state]}>
          {t(`upstreams.state_${state}`)}
        </Badge>
        {why && <p className={styles.why}>{why}</p>}
      </td>
      <td>
        <code>{reference || (hint && `…${hint}`) || "–"}</code>
      </td>
      <td>{credential.changed_at > 0 ? <Since at={credential.changed_at} /> : "–"}</td>
      <td>
        {may("credentials:write") && (
          <span className={styles.actions}>
            {state !== "active" && (
              <Button small disabled={busy} aria-label={t("upstreams.reviveOf", { name })} onClick={onRevive}>
                {t("upstreams.revive")}
              </Button>
            )}
            <IconButton icon="trash" label={t("upstreams.deleteCredential", { name })} onClick={onDelete} />
          </span>
        )}
      </td>
    </tr>
  );
}

function DeleteDialog({ credential, onClose }: { readonly credential: Credential; readonly onClose: () => void }) {
  const { t } = useSpeech();
  const remove = useDeleteCredential();
  return (
    <Confirm
      title={t("upstreams.deleteCredential", { name: credential.name })}
      submit={t("common.delete")}
      change={remove}
      variables={credential.id}
      onClose={onClose}
    >
      <p>{t("upstreams.deleteCredentialLead")}</p>
    </Confirm>
  );
}
