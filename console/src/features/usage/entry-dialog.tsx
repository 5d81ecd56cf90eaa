/** One entry, and why it cost what it did. */
import { type Entry, MILLION, type Units } from "~/api/metering";
import { useCurrency } from "~/features/shared/use-currency";
import { useSpeech } from "~/lib/i18n/context";
import { Dialog } from "~/ui/dialog";
import { Facts } from "~/ui/facts";
import { Moment } from "~/ui/since";
import { Table } from "~/ui/table";
import { StatusBadge } from "./status-badge";
import styles from "./usage.module.css";

const UNITS = [
  "input",
  "cached",
  "cache_written",
  "audio_input",
  "output",
  "reasoning",
  "audio_output",
  "images",
  "searches",
  "characters",
  "seconds",
] as const satisfies readonly (keyof Units)[];

interface EntryDialogProps {
  readonly entry: Entry;
  readonly onClose: () => void;
}

export function EntryDialog({ entry, onClose }: EntryDialogProps) {
  const { t } = useSpeech();
  return (
    <Dialog title={t("usage.entry", { id: entry.id })} onClose={onClose}>
      <div className={styles.detail}>
        <Origin entry={entry} />
        <h3>{t("usage.why")}</h3>
        <Reckoning entry={entry} />
      </div>
    </Dialog>
  );
}

function Origin({ entry }: { readonly entry: Entry }) {
  const { t, format } = useSpeech();
  const marks = [
    entry.stream && t("usage.stream"),
    entry.batch && t("usage.batch"),
    !entry.final && t("usage.followed"),
  ].filter(Boolean);
  const route = [entry.served_by, entry.provider, entry.replica].filter((part) => part !== "");
  const who = [entry.tenant, entry.project, entry.principal].join(" / ");
  return (
    <Facts
      items={[
        [t("usage.when"), <Moment key="at" at={entry.at} />],
        [t("usage.status"), <StatusBadge key="status" entry={entry} />],
        [t("usage.who"), who],
        [t("usage.key"), entry.key],
        [t("usage.model"), entry.model],
        [t("usage.route"), route.join(" · ") || "–"],
        [t("usage.endpoint"), [entry.endpoint, ...marks].join(" · ")],
        [t("usage.attempt"), format.count(entry.attempt)],
        [t("usage.took"), format.milliseconds(entry.took_ms)],
        [t("usage.firstToken"), format.milliseconds(entry.first_token_ms)],
        [t("usage.reqId"), <code key="request">{entry.request_id}</code>],
        ...(entry.refused_by ? [[t("usage.refusedBy"), entry.refused_by] as const] : []),
        ...entry.tags.map(([name, value]) => [`${t("usage.tags")}: ${name}`, value] as const),
      ]}
    />
  );
}

function Reckoning({ entry }: { readonly entry: Entry }) {
  const { t, format } = useSpeech();
  const currency = useCurrency();
  const used = UNITS.filter((name) => (entry.units[name] ?? 0) > 0);
  return (
    <>
      {used.length > 0 && (
        <Table caption={t("usage.why")} figures={[1]} head={[t("usage.unit"), t("usage.amount")]}>
          {used.map((name) => (
            <tr key={name}>
              <th scope="row">{t(`usage.u_${name}`)}</th>
              <td>{format.count(entry.units[name])}</td>
            </tr>
          ))}
        </Table>
      )}
      <Facts
        items={[
          [t("usage.cost"), <b key="cost">{format.money(entry.cost / MILLION, currency)}</b>],
          [t("usage.counted"), t(`usage.counted_${entry.counted}`)],
          [
            t("usage.priceVersion"),
            entry.price > 0 ? t("usage.atPrice", { version: entry.price }) : t("usage.noPrice"),
          ],
        ]}
      />
    </>
  );
}
