/** Records, newest first; each leads to all that is known of it. */
import type { AuditRecord, Outcome } from "~/api/governance";
import { useSpeech } from "~/lib/i18n/context";
import { Badge } from "~/ui/badge";
import { Moment } from "~/ui/since";
import { Table } from "~/ui/table";
import type { Tone } from "~/ui/tone";
import styles from "./audit.module.css";

const TONES: Readonly<Record<Outcome, Tone>> = { done: "ok", denied: "busy", failed: "bad" };

export function OutcomeBadge({ outcome }: { readonly outcome: Outcome }) {
  const { t } = useSpeech();
  return <Badge tone={TONES[outcome]}>{t(`audit.outcome_${outcome}`)}</Badge>;
}

interface AuditTableProps {
  readonly records: readonly AuditRecord[];
  readonly onShow: (record: AuditRecord) => void;
}

export function AuditTable({ records, onShow }: AuditTableProps) {
  const { t } = useSpeech();
  return (
    <Table
      caption={t("audit.title")}
      figures={[0]}
      head={["#", t("audit.when"), t("audit.who"), t("audit.what"), t("audit.thing"), t("audit.outcome")]}
    >
      {records.map((record) => {
        const { sequence, entry } = record;
        return (
          <tr key={sequence}>
            <th scope="row">
              <button
                type="button"
                className={styles.link}
                aria-label={t("audit.record", { sequence })}
                onClick={() => onShow(record)}
              >
                {sequence}
              </button>
            </th>
            <td>
              <Moment at={entry.at} />
            </td>
            <td>
              {entry.principal || "–"}
              <p className={styles.faint}>{entry.tenant}</p>
            </td>
            <td>
              <code>{entry.action}</code>
            </td>
            <td className={styles.thing}>{entry.resource}</td>
            <td>
              <OutcomeBadge outcome={entry.outcome} />
              {entry.reason && <p className={styles.faint}>{entry.reason}</p>}
            </td>
          </tr>
        );
      })}
    </Table>
  );
}
