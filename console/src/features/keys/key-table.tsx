/** Every key as it may be shown: its beginning, what it may do, and until when. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useApi } from "~/api/context";
import { meQuery } from "~/api/identity";
import type { Key } from "~/api/types";
import { useSpeech } from "~/lib/i18n/context";
import { useNow } from "~/lib/use-now";
import { Badge } from "~/ui/badge";
import { Button } from "~/ui/button";
import { Moment } from "~/ui/since";
import { Table } from "~/ui/table";
import styles from "./keys.module.css";
import { RevokeDialog } from "./revoke-dialog";

export function KeyTable({ keys }: { readonly keys: readonly Key[] }) {
  const { t } = useSpeech();
  const me = useQuery(meQuery(useApi()));
  const [revoking, setRevoking] = useState<Key | null>(null);
  return (
    <>
      <Table
        caption={t("keys.title")}
        head={[
          t("common.name"),
          t("keys.key"),
          t("keys.scopes"),
          t("keys.models"),
          t("common.created"),
          t("keys.expires"),
          t("common.state"),
          <span key="actions" className="unseen">
            {t("common.actions")}
          </span>,
        ]}
      >
        {keys.map((key) => (
          <KeyRow key={key.id} item={key} mine={key.id === me.data?.id} onRevoke={() => setRevoking(key)} />
        ))}
      </Table>
      {revoking && (
        <RevokeDialog item={revoking} mine={revoking.id === me.data?.id} onClose={() => setRevoking(null)} />
      )}
    </>
  );
}

interface KeyRowProps {
  readonly item: Key;
  readonly mine: boolean;
  readonly onRevoke: () => void;
}

function KeyRow({ item, mine, onRevoke }: KeyRowProps) {
  const { t } = useSpeech();
  return (
    <tr>
      <th scope="row">
        <span className={styles.name}>
          {item.name}
          {mine && <Badge tone="accent">{t("keys.yours")}</Badge>}
        </span>
        <p className={styles.owner}>
          {item.tenant} / {item.principal}
        </p>
      </th>
      <td>
        <code>{item.prefix}…</code>
      </td>
      <td>
        <span className={styles.name}>
          {item.scopes.map((scope) => (
            <Badge key={scope}>{scope}</Badge>
          ))}
        </span>
      </td>
      <td>{item.models.join(", ")}</td>
      <td>
        <Moment at={item.created_at} />
      </td>
      <td>{item.expires_at ? <Moment at={item.expires_at} /> : t("common.never")}</td>
      <td>
        <Standing item={item} />
      </td>
      <td>
        {!item.revoked_at && (
          <Button small kind="danger" aria-label={t("keys.revokeTitle", { name: item.name })} onClick={onRevoke}>
            {t("keys.revoke")}
          </Button>
        )}
      </td>
    </tr>
  );
}

function Standing({ item }: { readonly item: Key }) {
  const { t } = useSpeech();
  const now = useNow();
  if (item.revoked_at) return <Badge tone="bad">{t("keys.revoked")}</Badge>;
  if (item.expires_at && item.expires_at <= now) return <Badge tone="idle">{t("keys.expired")}</Badge>;
  return <Badge tone="ok">{t("keys.active")}</Badge>;
}
