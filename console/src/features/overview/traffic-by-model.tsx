/** Who is asked, how much, and how fast the answers come. */
import { Link } from "wouter";
import type { ModelTraffic } from "~/api/types";
import { useSpeech } from "~/lib/i18n/context";
import { Empty } from "~/ui/empty";
import { Panel } from "~/ui/panel";
import { Table } from "~/ui/table";

export function TrafficByModel({ models }: { readonly models: readonly ModelTraffic[] }) {
  const { t, format } = useSpeech();
  return (
    <Panel title={t("overview.models")} flush>
      {models.length === 0 ? (
        <Empty title={t("overview.noTraffic")}>
          <p>{t("overview.noTrafficLead")}</p>
          <Link href="/playground">{t("shell.playground")}</Link>
        </Empty>
      ) : (
        <Table
          caption={t("overview.models")}
          figures={[1, 2, 3, 4, 5]}
          head={[
            t("common.model"),
            t("overview.requests"),
            t("overview.errors"),
            t("overview.tokens"),
            t("overview.p50"),
            t("overview.p95"),
          ]}
        >
          {models.map((model) => (
            <tr key={model.model}>
              <th scope="row">{model.model}</th>
              <td>{format.compact(model.requests)}</td>
              <td>{format.compact(model.errors)}</td>
              <td>{format.compact(model.tokens)}</td>
              <td>{format.milliseconds(model.p50_ms)}</td>
              <td>{format.milliseconds(model.p95_ms)}</td>
            </tr>
          ))}
        </Table>
      )}
    </Panel>
  );
}
