/** What was done and what was refused, in a chain that shows when somebody tampers with it. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useApi } from "~/api/context";
import { type AuditRecord, auditExport, auditQuery } from "~/api/governance";
import { allItems } from "~/api/paging";
import { DownloadButton } from "~/features/shared/download-button";
import { useSpeech } from "~/lib/i18n/context";
import { Fault } from "~/ui/alert";
import { Empty, Loading } from "~/ui/empty";
import { More } from "~/ui/more";
import { Page } from "~/ui/page";
import { Panel } from "~/ui/panel";
import { type AuditFilters, NO_FILTERS, queryOf } from "./audit-filters";
import { AuditTable } from "./audit-table";
import { FilterBar } from "./filter-bar";
import { RecordDialog } from "./record-dialog";
import { VerifyButton } from "./verify";

export default function Audit() {
  const { t } = useSpeech();
  const [filters, setFilters] = useState<AuditFilters>(NO_FILTERS);
  const [shown, setShown] = useState<AuditRecord | null>(null);
  const asked = queryOf(filters);
  const query = useInfiniteQuery(auditQuery(useApi(), asked));
  const records = allItems(query.data);
  return (
    <Page
      title={t("audit.title")}
      lead={t("audit.lead")}
      actions={
        <DownloadButton file={(api) => auditExport(api, { since: asked.since, until: asked.until })} name="audit.jsonl">
          {t("audit.export")}
        </DownloadButton>
      }
    >
      <VerifyButton />
      <FilterBar filters={filters} onChange={setFilters} />
      <Fault error={query.error} />
      {query.isPending && <Loading />}
      {query.data && (
        <Panel flush>
          {records.length === 0 ? (
            <Empty title={t("audit.emptyTitle")} />
          ) : (
            <AuditTable records={records} onShow={setShown} />
          )}
          <More query={query} />
        </Panel>
      )}
      {shown && <RecordDialog record={shown} onClose={() => setShown(null)} />}
    </Page>
  );
}
