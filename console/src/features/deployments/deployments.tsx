/** What is asked to be served, and what is, as it changes. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useSearchParams } from "wouter";
import { useApi } from "~/api/context";
import { deploymentsQuery } from "~/api/deployments";
import { Allowed } from "~/features/shared/allowed";
import { useSpeech } from "~/lib/i18n/context";
import { Fault } from "~/ui/alert";
import { Button } from "~/ui/button";
import { Empty, Loading } from "~/ui/empty";
import { Page } from "~/ui/page";
import { DeployDialog } from "./deploy-dialog";
import { DeploymentCard } from "./deployment-card";
import styles from "./deployments.module.css";

export default function Deployments() {
  const { t } = useSpeech();
  const [search, setSearch] = useSearchParams();
  // A model's page links here with its name, so that the form is open and filled in.
  const wanted = search.get("deploy");
  const [deploying, setDeploying] = useState(wanted !== null);
  const query = useQuery(deploymentsQuery(useApi()));
  const close = () => {
    setDeploying(false);
    setSearch({}, { replace: true });
  };
  return (
    <Page
      title={t("deployments.title")}
      lead={t("deployments.lead")}
      actions={
        <Allowed to="deployments:write">
          <Button kind="primary" icon="plus" onClick={() => setDeploying(true)}>
            {t("deployments.deploy")}
          </Button>
        </Allowed>
      }
    >
      <Fault error={query.error} />
      {query.isPending && <Loading />}
      {query.data?.length === 0 && <Empty title={t("deployments.emptyTitle")}>{t("deployments.emptyLead")}</Empty>}
      <ul className={styles.cards}>
        {query.data?.map((deployment) => (
          <li key={deployment.spec.name}>
            <DeploymentCard deployment={deployment} />
          </li>
        ))}
      </ul>
      <Allowed to="deployments:write">{deploying && <DeployDialog model={wanted ?? ""} onClose={close} />}</Allowed>
    </Page>
  );
}
