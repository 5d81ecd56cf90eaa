/** The last lines of every process, newest first, by process or by request. */
import { useQuery } from "@tanstack/react-query";
import { useDeferredValue, useState } from "react";
import { useApi } from "~/api/context";
import { logsQuery } from "~/api/observability";
import { useSpeech } from "~/lib/i18n/context";
import { Fault } from "~/ui/alert";
import { Badge } from "~/ui/badge";
import { Empty, Loading } from "~/ui/empty";
import { FieldRow, SelectField, TextField } from "~/ui/field";
import { Page } from "~/ui/page";
import { Panel } from "~/ui/panel";
import { Table } from "~/ui/table";
import { type LogLine, parseLine } from "./log-line";
import styles from "./logs.module.css";

const LEVELS = { warning: "busy", error: "bad", critical: "bad" } as const;

export default function Logs() {
  const { t } = useSpeech();
  const [process, setProcess] = useState("");
  const [request, setRequest] = useState("");
  const query = useQuery(logsQuery(useApi(), process, useDeferredValue(request.trim())));
  const lines = query.data?.lines.map(parseLine).reverse() ?? [];
  return (
    <Page title={t("logs.title")} lead={t("logs.lead")}>
      <FieldRow>
        <SelectField label={t("logs.process")} value={process} onChange={(event) => setProcess(event.target.value)}>
          <option value="">{t("logs.all")}</option>
          {query.data?.processes.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </SelectField>
        <TextField
          label={t("logs.requestId")}
          type="search"
          spellCheck={false}
          value={request}
          onChange={(event) => setRequest(event.target.value)}
        />
      </FieldRow>
      <Fault error={query.error} />
      {query.isPending && <Loading />}
      {query.data && (
        <Panel flush>{lines.length === 0 ? <Empty title={t("logs.emptyTitle")} /> : <LogTable lines={lines} />}</Panel>
      )}
    </Page>
  );
}

function LogTable({ lines }: { readonly lines: readonly LogLine[] }) {
  const { t } = useSpeech();
  return (
    <Table caption={t("logs.title")} head={[t("logs.time"), t("logs.level"), t("logs.event"), t("logs.fields")]}>
      {lines.map((line, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: lines have no identity of their own
        <tr key={place}>
          <td className={styles.time}>{line.time}</td>
          <td>
            <Badge tone={LEVELS[line.level as keyof typeof LEVELS] ?? "idle"}>{line.level}</Badge>
          </td>
          <th scope="row" className={styles.event}>
            {line.event}
          </th>
          <td>
            <div className={styles.fields}>
              {line.fields.map(([name, value]) => (
                <span key={name}>
                  {name}=<code>{value}</code>
                </span>
              ))}
            </div>
          </td>
        </tr>
      ))}
    </Table>
  );
}
