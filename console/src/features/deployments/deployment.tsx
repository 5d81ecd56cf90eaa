/** One deployment: its state and why, its replicas, and what can be done with it. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "wouter";
import { useApi } from "~/api/context";
import { deploymentQuery } from "~/api/deployments";
import type { Deployment } from "~/api/types";
import { StateBadge } from "~/features/shared/states";
import { useSpeech } from "~/lib/i18n/context";
import { Fault } from "~/ui/alert";
import { Empty, Loading } from "~/ui/empty";
import { Facts } from "~/ui/facts";
import { Page } from "~/ui/page";
import { Panel } from "~/ui/panel";
import { Since } from "~/ui/since";
import { DeploymentActions } from "./deployment-actions";
import { DeploymentRing } from "./deployment-card";
import styles from "./deployments.module.css";
import { ReplicaTable } from "./replica-table";
import { Scale } from "./scale";
import { sourceOf } from "./source";

export default function DeploymentPage({ name }: { readonly name: string }) {
  const { t } = useSpeech();
  const query = useQuery(deploymentQuery(useApi(), name));
  return (
    <Page
      title={name}
      back={<Link href="/deployments">← {t("deployments.allDeployments")}</Link>}
      actions={query.data && <DeploymentActions deployment={query.data} />}
    >
      <Fault error={query.error} />
      {query.isPending && <Loading />}
      {query.data === null && (
        <Empty title={t("common.notFound")}>
          <Link href="/deployments">{t("deployments.allDeployments")}</Link>
        </Empty>
      )}
      {query.data && <Standing deployment={query.data} />}
      {query.data && (
        <Panel title={t("deployments.replicas")} flush>
          <ReplicaTable deployment={query.data} />
        </Panel>
      )}
    </Page>
  );
}

function Standing({ deployment }: { readonly deployment: Deployment }) {
  const { t, format } = useSpeech();
  return (
    <Panel>
      <div className={styles.head}>
        <DeploymentRing deployment={deployment} size={132} />
        <div className={styles.grow}>
          <div className={styles.line} aria-live="polite">
            <StateBadge state={deployment.state} />
            <span>{deployment.why}</span>
          </div>
          <Facts
            items={[
              [t("deployments.replicas"), <Scale key="scale" deployment={deployment} />],
              [t("common.since"), <Since key="since" at={deployment.since} />],
              [t("deployments.source"), sourceOf(deployment)],
              [t("deployments.engine"), deployment.engine],
              [t("deployments.concurrency"), format.count(deployment.spec.concurrency)],
              [t("deployments.context"), deployment.context_length ? format.count(deployment.context_length) : "–"],
              [t("deployments.generation"), format.count(deployment.generation)],
            ]}
          />
        </div>
      </div>
    </Panel>
  );
}
