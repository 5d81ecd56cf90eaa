/** A deployment at a glance, drawn as the small house it is. */
import { Link } from "wouter";
import type { Deployment } from "~/api/types";
import { StateBadge, toneOf } from "~/features/shared/states";
import { useSpeech } from "~/lib/i18n/context";
import { Ring } from "~/ui/ring";
import styles from "./deployments.module.css";
import { sourceOf } from "./source";

export function DeploymentCard({ deployment }: { readonly deployment: Deployment }) {
  const { t } = useSpeech();
  const { name } = deployment.spec;
  return (
    <article className={styles.card}>
      <DeploymentRing deployment={deployment} size={84} />
      <div className={styles.words}>
        <h2 className={styles.name}>
          <Link href={`/deployments/${encodeURIComponent(name)}`}>{name}</Link>
        </h2>
        <p className={styles.line}>
          <StateBadge state={deployment.state} />
          <span>{t("deployments.runningOf", { running: running(deployment), total: deployment.spec.replicas })}</span>
        </p>
        <p className={styles.source}>
          {sourceOf(deployment)} · {deployment.engine}
        </p>
        {deployment.why && deployment.state !== "ready" && <p className={styles.why}>{deployment.why}</p>}
      </div>
    </article>
  );
}

interface DeploymentRingProps {
  readonly deployment: Deployment;
  readonly size: number;
}

export function DeploymentRing({ deployment, size }: DeploymentRingProps) {
  const { t } = useSpeech();
  return (
    <Ring
      size={size}
      rooms={deployment.replicas.map((replica) => toneOf(replica.state))}
      label={t("deployments.ring", {
        running: running(deployment),
        total: deployment.replicas.length,
        name: deployment.spec.name,
      })}
    />
  );
}

export function running(deployment: Deployment): number {
  return deployment.replicas.filter((replica) => replica.state === "running").length;
}
