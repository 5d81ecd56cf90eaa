/** Models made in this house: start a run, follow it, see what it published. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useApi } from "~/api/context";
import { allItems } from "~/api/paging";
import { runsQuery } from "~/api/training";
import { Allowed } from "~/features/shared/allowed";
import { useSpeech } from "~/lib/i18n/context";
import { Fault } from "~/ui/alert";
import { Button } from "~/ui/button";
import { Empty, Loading } from "~/ui/empty";
import { More } from "~/ui/more";
import { Page } from "~/ui/page";
import { Panel } from "~/ui/panel";
import { RunTable } from "./run-table";
import { StartDialog } from "./start-dialog";

export default function Training() {
  const { t } = useSpeech();
  const [starting, setStarting] = useState(false);
  const query = useInfiniteQuery(runsQuery(useApi()));
  const runs = allItems(query.data);
  return (
    <Page
      title={t("training.title")}
      lead={t("training.lead")}
      actions={
        <Allowed to="training:write">
          <Button kind="primary" icon="plus" onClick={() => setStarting(true)}>
            {t("training.start")}
          </Button>
        </Allowed>
      }
    >
      <Fault error={query.error} />
      {query.isPending && <Loading />}
      {query.data && (
        <Panel flush>
          {runs.length === 0 ? (
            <Empty title={t("training.emptyTitle")}>{t("training.emptyLead")}</Empty>
          ) : (
            <RunTable runs={runs} />
          )}
          <More query={query} />
        </Panel>
      )}
      {starting && <StartDialog onClose={() => setStarting(false)} />}
    </Page>
  );
}
