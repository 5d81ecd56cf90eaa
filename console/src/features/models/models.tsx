/** The models of the house, by name. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "wouter";
import { useApi } from "~/api/context";
import { modelsQuery } from "~/api/models";
import { allItems } from "~/api/paging";
import type { Model } from "~/api/types";
import { Allowed } from "~/features/shared/allowed";
import { useSpeech } from "~/lib/i18n/context";
import { Fault } from "~/ui/alert";
import { Badge } from "~/ui/badge";
import { Button } from "~/ui/button";
import { Empty, Loading } from "~/ui/empty";
import { More } from "~/ui/more";
import { Page } from "~/ui/page";
import { Panel } from "~/ui/panel";
import { Moment } from "~/ui/since";
import { Table } from "~/ui/table";
import { ImportDialog } from "./import-dialog";
import styles from "./models.module.css";
import { TaskBadge } from "./task-badge";

export default function Models() {
  const { t } = useSpeech();
  const [importing, setImporting] = useState(false);
  const query = useInfiniteQuery(modelsQuery(useApi()));
  const models = allItems(query.data);
  return (
    <Page
      title={t("models.title")}
      lead={t("models.lead")}
      actions={
        <Allowed to="models:write">
          <Button kind="primary" icon="plus" onClick={() => setImporting(true)}>
            {t("models.import")}
          </Button>
        </Allowed>
      }
    >
      <Fault error={query.error} />
      {query.isPending && <Loading />}
      {query.data && (
        <Panel flush>
          {models.length === 0 ? (
            <Empty title={t("models.emptyTitle")}>{t("models.emptyLead")}</Empty>
          ) : (
            <ModelTable models={models} />
          )}
          <More query={query} />
        </Panel>
      )}
      {importing && <ImportDialog onClose={() => setImporting(false)} />}
    </Page>
  );
}

function ModelTable({ models }: { readonly models: readonly Model[] }) {
  const { t, format } = useSpeech();
  return (
    <Table
      caption={t("models.title")}
      figures={[3]}
      head={[t("common.model"), t("models.task"), t("models.aliases"), t("models.latest"), t("models.updated")]}
    >
      {models.map((model) => (
        <tr key={model.name}>
          <th scope="row">
            <Link href={`/models/${encodeURIComponent(model.name)}`}>{model.name}</Link>
            {model.description && <p className={styles.description}>{model.description}</p>}
          </th>
          <td>
            <TaskBadge task={model.task} />
          </td>
          <td>
            <span className={styles.aliases}>
              {Object.entries(model.aliases).map(([alias, number]) => (
                <Badge key={alias} tone="accent">
                  {alias} → {number}
                </Badge>
              ))}
            </span>
          </td>
          <td>{format.count(model.latest)}</td>
          <td>
            <Moment at={model.updated_at} />
          </td>
        </tr>
      ))}
    </Table>
  );
}
