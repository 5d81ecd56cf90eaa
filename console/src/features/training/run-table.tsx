/** Runs, newest first: how far, how well, and what came of them. */
import { Link } from "wouter";
import { isOver } from "~/api/jobs";
import { useCancelRun } from "~/api/training";
import type { Run } from "~/api/types";
import { Allowed } from "~/features/shared/allowed";
import { StateBadge, workTone } from "~/features/shared/states";
import { useSpeech } from "~/lib/i18n/context";
import { Fault } from "~/ui/alert";
import { Button } from "~/ui/button";
import { Progress } from "~/ui/progress";
import { Moment } from "~/ui/since";
import { Table } from "~/ui/table";
import styles from "./training.module.css";

export function RunTable({ runs }: { readonly runs: readonly Run[] }) {
  const { t } = useSpeech();
  const cancel = useCancelRun();
  return (
    <>
      <Fault error={cancel.error} />
      <Table
        caption={t("training.title")}
        head={[
          t("training.run"),
          t("common.state"),
          t("training.progress"),
          t("training.scores"),
          t("training.published"),
          t("common.created"),
          <span key="actions" className="unseen">
            {t("common.actions")}
          </span>,
        ]}
      >
        {runs.map((run) => (
          <RunRow key={run.id} run={run} busy={cancel.isPending} onCancel={() => cancel.mutate(run.id)} />
        ))}
      </Table>
    </>
  );
}

interface RunRowProps {
  readonly run: Run;
  readonly busy: boolean;
  readonly onCancel: () => void;
}

function RunRow({ run, busy, onCancel }: RunRowProps) {
  const { t } = useSpeech();
  return (
    <tr>
      <th scope="row">
        {run.recipe} / {run.profile}
        <p className={styles.id}>{run.id}</p>
      </th>
      <td>
        <StateBadge state={run.state} tone={workTone(run.state)} />
      </td>
      <td className={styles.progress}>
        <RunProgress run={run} />
      </td>
      <td>{run.scores.map((score) => `${score.group} ${score.right}/${score.asked}`).join(" · ") || "–"}</td>
      <td>
        {run.version ? (
          <Link href={`/models/${encodeURIComponent(run.model)}?version=${run.version}`}>
            {run.model} {run.version}
          </Link>
        ) : (
          "–"
        )}
      </td>
      <td>
        <Moment at={run.created_at} />
      </td>
      <td>
        {!isOver(run.state) && (
          <Allowed to="training:write">
            <Button small disabled={busy} aria-label={t("training.cancelRun", { id: run.id })} onClick={onCancel}>
              {t("common.cancel")}
            </Button>
          </Allowed>
        )}
      </td>
    </tr>
  );
}

function RunProgress({ run }: { readonly run: Run }) {
  const { t, format } = useSpeech();
  const done = run.state === "succeeded" ? 1 : run.step / Math.max(1, run.steps);
  const notes = [
    run.stage,
    run.steps > 0 && t("training.step", { step: format.count(run.step), steps: format.count(run.steps) }),
    run.loss > 0 && t("training.loss", { loss: run.loss.toFixed(3) }),
    run.state === "running" && run.eta_s > 0 && t("training.eta", { time: format.duration(run.eta_s) }),
  ];
  return (
    <>
      <Progress value={done} label={t("training.progress")} tone={workTone(run.state)} />
      <p className={styles.note}>{run.error || notes.filter(Boolean).join(" · ")}</p>
    </>
  );
}
