/** Jobs, newest first. */
import { isOver, useCancelJob } from "~/api/jobs";
import type { Job } from "~/api/types";
import { Allowed } from "~/features/shared/allowed";
import { StateBadge, workTone } from "~/features/shared/states";
import { useSpeech } from "~/lib/i18n/context";
import { Fault } from "~/ui/alert";
import { Button } from "~/ui/button";
import { Progress } from "~/ui/progress";
import { Moment, Since } from "~/ui/since";
import { Table } from "~/ui/table";
import styles from "./jobs.module.css";

export function JobTable({ jobs }: { readonly jobs: readonly Job[] }) {
  const { t } = useSpeech();
  const cancel = useCancelJob();
  return (
    <>
      <Fault error={cancel.error} />
      <Table
        caption={t("jobs.title")}
        head={[
          t("jobs.job"),
          t("common.state"),
          t("jobs.progress"),
          t("jobs.attempt"),
          t("common.created"),
          t("jobs.took"),
          <span key="actions" className="unseen">
            {t("common.actions")}
          </span>,
        ]}
      >
        {jobs.map((job) => (
          <JobRow key={job.id} job={job} busy={cancel.isPending} onCancel={() => cancel.mutate(job.id)} />
        ))}
      </Table>
    </>
  );
}

interface JobRowProps {
  readonly job: Job;
  readonly busy: boolean;
  readonly onCancel: () => void;
}

function JobRow({ job, busy, onCancel }: JobRowProps) {
  const { t } = useSpeech();
  return (
    <tr>
      <th scope="row">
        {job.kind}
        <p className={styles.id}>{job.id}</p>
      </th>
      <td>
        <StateBadge
          state={job.cancelling && !isOver(job.state) ? "cancelling" : job.state}
          tone={workTone(job.state)}
        />
      </td>
      <td className={styles.progress}>
        <Progress
          value={job.state === "succeeded" ? 1 : job.progress}
          label={t("jobs.progress")}
          tone={workTone(job.state)}
        />
        <p className={styles.note}>{job.error || job.note}</p>
      </td>
      <td>{t("jobs.attemptOf", { n: job.attempt, most: job.attempts })}</td>
      <td>
        <Moment at={job.created_at} />
      </td>
      <td>
        <Took job={job} />
      </td>
      <td>
        {!isOver(job.state) && !job.cancelling && (
          <Allowed to="jobs:write">
            <Button small disabled={busy} aria-label={t("jobs.cancelJob", { id: job.id })} onClick={onCancel}>
              {t("common.cancel")}
            </Button>
          </Allowed>
        )}
      </td>
    </tr>
  );
}

function Took({ job }: { readonly job: Job }) {
  const { format } = useSpeech();
  if (job.started_at === null) return "–";
  if (job.finished_at === null) return <Since at={job.started_at} />;
  return format.duration(job.finished_at - job.started_at);
}
