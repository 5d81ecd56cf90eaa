/** The ledger as it is: entry by entry, newest first. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useApi } from "~/api/context";
import { type Entry, entriesQuery, type Filters, MILLION } from "~/api/metering";
import { allItems } from "~/api/paging";
import type { Span } from "~/features/shared/span";
import { useCurrency } from "~/features/shared/use-currency";
import { useSpeech } from "~/lib/i18n/context";
import { Fault } from "~/ui/alert";
import { Empty, Loading } from "~/ui/empty";
import { More } from "~/ui/more";
import { Panel } from "~/ui/panel";
import { Moment } from "~/ui/since";
import { Table } from "~/ui/table";
import { EntryDialog } from "./entry-dialog";
import { SetAside } from "./set-aside";
import { StatusBadge } from "./status-badge";
import styles from "./usage.module.css";

interface LedgerProps {
  readonly span: Span;
  readonly filters: Filters;
}

export function Ledger({ span, filters }: LedgerProps) {
  const { t } = useSpeech();
  const [shown, setShown] = useState<Entry | null>(null);
  const query = useInfiniteQuery(entriesQuery(useApi(), span.start, span.end, filters));
  const entries = allItems(query.data);
  return (
    <>
      <p className={styles.lead}>{t("usage.ledgerLead")}</p>
      <SetAside />
      <Fault error={query.error} />
      {query.isPending && <Loading />}
      {query.data && (
        <Panel flush>
          {entries.length === 0 ? (
            <Empty title={t("usage.ledgerEmpty")} />
          ) : (
            <EntryTable entries={entries} onShow={setShown} />
          )}
          <More query={query} />
        </Panel>
      )}
      {shown && <EntryDialog entry={shown} onClose={() => setShown(null)} />}
    </>
  );
}

interface EntryTableProps {
  readonly entries: readonly Entry[];
  readonly onShow: (entry: Entry) => void;
}

function EntryTable({ entries, onShow }: EntryTableProps) {
  const { t, format } = useSpeech();
  const currency = useCurrency();
  return (
    <Table
      caption={t("usage.entries")}
      figures={[4, 5, 6, 7]}
      head={[
        t("usage.when"),
        t("usage.model"),
        t("usage.who"),
        t("usage.status"),
        t("usage.input"),
        t("usage.output"),
        t("usage.took"),
        t("usage.cost"),
      ]}
    >
      {entries.map((entry) => (
        <tr key={entry.id}>
          <th scope="row">
            <button
              type="button"
              className={styles.into}
              title={t("usage.entry", { id: entry.id })}
              onClick={() => onShow(entry)}
            >
              <Moment at={entry.at} />
            </button>
          </th>
          <td>{entry.model}</td>
          <td>
            {entry.project}
            <p className={styles.small}>{entry.principal}</p>
          </td>
          <td>
            <StatusBadge entry={entry} />
          </td>
          <td>{format.count(entry.units.input)}</td>
          <td>{format.count(entry.units.output)}</td>
          <td>{format.milliseconds(entry.took_ms)}</td>
          <td>{format.money(entry.cost / MILLION, currency)}</td>
        </tr>
      ))}
    </Table>
  );
}
