/** One record with its place in the chain. */
import type { AuditRecord } from "~/api/governance";
import { useSpeech } from "~/lib/i18n/context";
import { pretty } from "~/lib/pretty";
import { CodeBlock } from "~/ui/code-block";
import { Dialog } from "~/ui/dialog";
import { Facts } from "~/ui/facts";
import { Moment } from "~/ui/since";
import styles from "./audit.module.css";
import { OutcomeBadge } from "./audit-table";

interface RecordDialogProps {
  readonly record: AuditRecord;
  readonly onClose: () => void;
}

export function RecordDialog({ record, onClose }: RecordDialogProps) {
  const { t } = useSpeech();
  const { entry, sequence, previous, hash } = record;
  const detail = pretty(entry.detail);
  return (
    <Dialog title={t("audit.record", { sequence })} onClose={onClose}>
      <div className={styles.detail}>
        <Facts
          items={[
            [t("audit.when"), <Moment key="at" at={entry.at} />],
            [t("audit.who"), `${entry.tenant} / ${entry.principal}`],
            [t("audit.what"), <code key="action">{entry.action}</code>],
            [t("audit.thing"), entry.resource],
            [t("audit.outcome"), <OutcomeBadge key="outcome" outcome={entry.outcome} />],
            ...(entry.code ? [[t("audit.code"), entry.code] as const] : []),
            ...(entry.reason ? [[t("audit.reason"), entry.reason] as const] : []),
            ...(entry.key ? [[t("audit.key"), <code key="key">{entry.key}</code>] as const] : []),
            ...(entry.request_id ? [[t("audit.requestId"), <code key="id">{entry.request_id}</code>] as const] : []),
          ]}
        />
        {detail !== "{}" && <CodeBlock code={detail} label={t("audit.detail")} />}
        <dl className={styles.chain}>
          <dt>{t("audit.previous")}</dt>
          <dd>{previous || "–"}</dd>
          <dt>{t("audit.hash")}</dt>
          <dd>{hash}</dd>
        </dl>
      </div>
    </Dialog>
  );
}
