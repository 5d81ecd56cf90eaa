/** Long work: what runs, how far it is, how it ended. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useApi } from "~/api/context";
import { jobsQuery } from "~/api/jobs";
import { allItems } from "~/api/paging";
import type { JobState } from "~/api/types";
import { useSpeech } from "~/lib/i18n/context";
import { Fault } from "~/ui/alert";
import { Choice } from "~/ui/choice";
import { Empty, Loading } from "~/ui/empty";
import { More } from "~/ui/more";
import { Page } from "~/ui/page";
import { Panel } from "~/ui/panel";
import { JobTable } from "./job-table";

const STATES = ["queued", "running", "succeeded", "failed", "cancelled"] as const satisfies readonly JobState[];

export default function Jobs() {
  const { t } = useSpeech();
  const [state, setState] = useState<JobState | "all">("all");
  const query = useInfiniteQuery(jobsQuery(useApi(), state === "all" ? null : state));
  const jobs = allItems(query.data);
  return (
    <Page title={t("jobs.title")} lead={t("jobs.lead")}>
      <Fault error={query.error} />
      <div>
        <Choice<JobState | "all">
          label={t("common.state")}
          options={[
            { value: "all", label: t("jobs.all") },
            ...STATES.map((value) => ({ value, label: t(`states.${value}`) })),
          ]}
          value={state}
          onChange={setState}
        />
      </div>
      {query.isPending && <Loading />}
      {query.data && (
        <Panel flush>
          {jobs.length === 0 ? (
            <Empty title={t("jobs.emptyTitle")}>{t("jobs.emptyLead")}</Empty>
          ) : (
            <JobTable jobs={jobs} />
          )}
          <More query={query} />
        </Panel>
      )}
    </Page>
  );
}
