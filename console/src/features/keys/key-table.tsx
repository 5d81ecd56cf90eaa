/** Every key as it may be shown: its beginning, what it may do, and until when. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useApi } from "~/api/context";
import { useEnableKey } from "~/api/identity";
import { type Standing as LimitStanding, standingQuery } from "~/api/limits";
import type { Key } from "~/api/types";
import { useMay } from "~/features/shared/may";
import { StandingMeter } from "~/features/shared/standing-meter";
import { useSpeech } from "~/lib/i18n/context";
import { useNow } from "~/lib/use-now";
import { Fault } from "~/ui/alert";
import { Badge } from "~/ui/badge";
import { Button } from "~/ui/button";
import { Moment } from "~/ui/since";
import { Table } from "~/ui/table";
import styles from "./keys.module.css";
import { RevokeDialog } from "./revoke-dialog";

export function KeyTable({ keys }: { readonly keys: readonly Key[] }) {
  const { t } = useSpeech();
  const { me, may } = useMay();
  const standing = useQuery({ ...standingQuery(useApi()), enabled: may("limits:read") });
  const [revoking, setRevoking] = useState<Key | null>(null);
  return (
    <>
      <Table
        caption={t("keys.title")}
        head={[
          t("common.name"),
          t("keys.scopes"),
          t("keys.models"),
          t("keys.standing"),
          t("keys.expires"),
          t("common.state"),
          <span key="actions" className="unseen">
            {t("common.actions")}
          </span>,
        ]}
      >
        {keys.map((key) => (
          <KeyRow
            key={key.id}
            item={key}
            mine={key.id === me?.key}
            standings={standing.data?.filter((one) => one.limit.scope === "key" && one.subject === key.id) ?? []}
            {...(may("keys:write") && { onRevoke: () => setRevoking(key) })}
          />
        ))}
      </Table>
      {revoking && <RevokeDialog item={revoking} mine={revoking.id === me?.key} onClose={() => setRevoking(null)} />}
    </>
  );
}

interface KeyRowProps {
  readonly item: Key;
  readonly mine: boolean;
  readonly standings: readonly LimitStanding[];
  readonly onRevoke?: () => void;
}

function KeyRow({ item, mine, standings, onRevoke }: KeyRowProps) {
  const { t } = useSpeech();
  return (
    <tr>
      <th scope="row">
        <span className={styles.name}>
          {item.name}
          {item.session && <Badge>{t("keys.ofSession")}</Badge>}
          {mine && <Badge tone="accent">{t("keys.yours")}</Badge>}
        </span>
        <p className={styles.owner}>{[item.tenant, item.project, item.principal].filter(Boolean).join(" / ")}</p>
      </th>
      <td>
        <span className={styles.name}>
          {item.scopes.map((scope) => (
            <Badge key={scope}>{scope}</Badge>
          ))}
        </span>
      </td>
      <td>{item.models.join(", ")}</td>
      <td>
        <div className={styles.limits}>
          {standings.map((one) => (
            <StandingMeter key={one.limit.name} standing={one} />
          ))}
          {standings.length === 0 && <span className={styles.owner}>{t("keys.noLimit")}</span>}
        </div>
      </td>
      <td>{item.expires_at ? <Moment at={item.expires_at} /> : t("common.never")}</td>
      <td>
        <Standing item={item} />
      </td>
      <td>
        {!item.revoked_at && item.disabled && onRevoke && <EnableButton item={item} />}
        {!item.revoked_at && onRevoke && (
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
  if (item.disabled) return <Badge tone="busy">{t("keys.disabled")}</Badge>;
  return <Badge tone="ok">{t("keys.active")}</Badge>;
}

/** Lets a key in again that came back with its owner. */
function EnableButton({ item }: { readonly item: Key }) {
  const { t } = useSpeech();
  const enable = useEnableKey();
  return (
    <>
      <Button
        small
        busy={enable.isPending}
        aria-label={t("keys.enableTitle", { name: item.name })}
        title={item.disabled}
        onClick={() => enable.mutate(item.id)}
      >
        {t("keys.enable")}
      </Button>
      <Fault error={enable.error} />
    </>
  );
}
