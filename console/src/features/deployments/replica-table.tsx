/** Each replica with its state, why it is in it, since when, and until when it may be. */
import { useRestartReplica } from "~/api/deployments";
import type { Deployment, ReplicaStatus } from "~/api/types";
import { Allowed } from "~/features/shared/allowed";
import { StateBadge } from "~/features/shared/states";
import { useSpeech } from "~/lib/i18n/context";
import { Fault } from "~/ui/alert";
import { IconButton } from "~/ui/button";
import { Empty } from "~/ui/empty";
import { Since, Until } from "~/ui/since";
import { Table } from "~/ui/table";
import styles from "./deployments.module.css";

export function ReplicaTable({ deployment }: { readonly deployment: Deployment }) {
  const { t } = useSpeech();
  const { name } = deployment.spec;
  const restart = useRestartReplica(name);
  if (deployment.replicas.length === 0) return <Empty title={t("deployments.noReplicas")} />;
  return (
    <>
      <Fault error={restart.error} />
      <Table
        caption={t("deployments.replicasOf", { name })}
        figures={[5, 6, 7]}
        head={[
          t("deployments.replica"),
          t("common.state"),
          t("deployments.why"),
          t("common.since"),
          t("deployments.deadline"),
          t("deployments.running"),
          t("deployments.waiting"),
          t("deployments.restarts"),
          <span key="actions" className="unseen">
            {t("common.actions")}
          </span>,
        ]}
      >
        {deployment.replicas.map((replica) => (
          <ReplicaRow
            key={replica.id}
            replica={replica}
            busy={restart.isPending}
            onRestart={() => restart.mutate(replica.id)}
          />
        ))}
      </Table>
    </>
  );
}

interface ReplicaRowProps {
  readonly replica: ReplicaStatus;
  readonly busy: boolean;
  readonly onRestart: () => void;
}

function ReplicaRow({ replica, busy, onRestart }: ReplicaRowProps) {
  const { t, format } = useSpeech();
  return (
    <tr>
      <th scope="row" title={[replica.place, replica.url].filter(Boolean).join(" · ")}>
        <code>{replica.id}</code>
      </th>
      <td>
        <StateBadge state={replica.state} />
      </td>
      <td className={styles.reason}>{replica.why}</td>
      <td>
        <Since at={replica.since} />
      </td>
      <td>{replica.deadline === null ? "–" : <Until at={replica.deadline} />}</td>
      <td>{format.count(replica.running)}</td>
      <td>{format.count(replica.waiting)}</td>
      <td>{format.count(replica.restarts)}</td>
      <td>
        <Allowed to="deployments:write">
          <IconButton
            icon="restart"
            label={t("deployments.restartReplica", { id: replica.id })}
            disabled={busy}
            onClick={onRestart}
          />
        </Allowed>
      </td>
    </tr>
  );
}
