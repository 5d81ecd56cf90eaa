/** Sessions of somebody: where, since when, until when. */
import type { SignInSession } from "~/api/me";
import { useSpeech } from "~/lib/i18n/context";
import { Badge } from "~/ui/badge";
import { Button } from "~/ui/button";
import { Empty } from "~/ui/empty";
import { Moment, Since } from "~/ui/since";
import { Table } from "~/ui/table";
import styles from "./session-table.module.css";

interface SessionTableProps {
  readonly sessions: readonly SignInSession[];
  readonly here?: string;
  readonly busy: boolean;
  readonly onEnd: ((id: string) => void) | undefined;
}

export function SessionTable({ sessions, here = "", busy, onEnd }: SessionTableProps) {
  const { t } = useSpeech();
  if (sessions.length === 0) return <Empty title={t("me.sessionsNone")} />;
  return (
    <Table
      caption={t("me.sessions")}
      head={[
        t("me.agent"),
        t("me.address"),
        t("me.signedIn"),
        t("me.seen"),
        t("me.until"),
        <span key="actions" className="unseen">
          {t("common.actions")}
        </span>,
      ]}
    >
      {sessions.map((session) => (
        <tr key={session.id}>
          <th scope="row">
            <span className={styles.badges}>
              <span title={session.agent}>{agentOf(session.agent)}</span>
              <Badge>{t(session.by === "oidc" ? "me.byOidc" : "me.byPassword")}</Badge>
              {session.id === here && <Badge tone="accent">{t("me.here")}</Badge>}
            </span>
          </th>
          <td>
            <code>{session.address || "–"}</code>
          </td>
          <td>
            <Moment at={session.created_at} />
          </td>
          <td>
            <Since at={session.seen_at} />
          </td>
          <td>
            <Moment at={session.expires_at} />
          </td>
          <td>
            {session.id !== here && onEnd && (
              <Button
                small
                kind="danger"
                disabled={busy}
                aria-label={t("me.endOf", { id: session.id })}
                onClick={() => onEnd(session.id)}
              >
                {t("me.end")}
              </Button>
            )}
          </td>
        </tr>
      ))}
    </Table>
  );
}

const BROWSERS = [
  [/Edg\//, "Edge"],
  [/Firefox\//, "Firefox"],
  [/Chrom(e|ium)\//, "Chrome"],
  [/Safari\//, "Safari"],
] as const;
const SYSTEMS = [
  [/Android/, "Android"],
  [/iPhone|iPad/, "iOS"],
  [/Windows/, "Windows"],
  [/Mac OS X/, "macOS"],
  [/Linux/, "Linux"],
] as const;

/** A browser's long word for itself in two that people know. */
export function agentOf(agent: string): string {
  const browser = BROWSERS.find(([sign]) => sign.test(agent))?.[1];
  const system = SYSTEMS.find(([sign]) => sign.test(agent))?.[1];
  return [browser, system].filter(Boolean).join(", ") || agent.slice(0, 40) || "–";
}
