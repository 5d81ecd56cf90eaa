/** The house from above: every replica a room, and in the courtyard what comes through the gate. */
import type { Overview, ReplicaStatus } from "~/api/types";
import { toneOf } from "~/features/shared/states";
import { useSpeech } from "~/lib/i18n/context";
import { Panel } from "~/ui/panel";
import { Ring } from "~/ui/ring";
import styles from "./courtyard.module.css";
import { endsAtTenant, recently } from "./latest";

interface CourtyardProps {
  readonly overview: Overview;
  /** Those of all deployments; undefined for who may not know them. */
  readonly replicas: readonly ReplicaStatus[] | undefined;
}

export function Courtyard({ overview, replicas }: CourtyardProps) {
  const { t, format } = useSpeech();
  const running = replicas?.filter((replica) => replica.state === "running").length ?? 0;
  const rate = format.rate(recently(overview.points, "requests"));
  const gateways = overview.processes.filter((process) => process.kind === "gateway").length;
  const inFlight = overview.points.at(-1)?.in_flight ?? 0;
  return (
    <Panel>
      <div className={styles.courtyard}>
        <Ring
          size={216}
          rooms={replicas?.map((replica) => toneOf(replica.state)) ?? []}
          label={
            replicas ? t("overview.ring", { rate, running, total: replicas.length }) : t("overview.ringRate", { rate })
          }
        >
          <b className={styles.rate}>{rate}</b>
          <span className={styles.unit}>{t("overview.perSecond")}</span>
        </Ring>
        <dl className={styles.figures}>
          {overview.processes.length > 0 && <Figure name={t("overview.gateways")} value={format.count(gateways)} />}
          {replicas && <Figure name={t("overview.replicas")} value={`${running}/${replicas.length}`} />}
          {!endsAtTenant(overview) && <Figure name={t("overview.inFlight")} value={format.count(inFlight)} />}
        </dl>
      </div>
    </Panel>
  );
}

function Figure({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}
