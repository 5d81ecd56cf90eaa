/** How many replicas are wanted: one more, one less. */
import { useChangeDeployment } from "~/api/deployments";
import type { Deployment } from "~/api/types";
import { Allowed } from "~/features/shared/allowed";
import { useSpeech } from "~/lib/i18n/context";
import { Fault } from "~/ui/alert";
import { IconButton } from "~/ui/button";
import styles from "./deployments.module.css";

export function Scale({ deployment }: { readonly deployment: Deployment }) {
  const { t } = useSpeech();
  const change = useChangeDeployment(deployment.spec.name);
  // What was asked for shows at once; the house confirms it with its next answer.
  const wanted = change.isPending ? (change.variables.replicas ?? 0) : deployment.spec.replicas;
  const to = (replicas: number) => change.mutate({ replicas });
  return (
    <>
      <span className={styles.stepper}>
        <Allowed to="deployments:write">
          <IconButton
            icon="minus"
            label={t("deployments.less")}
            disabled={wanted === 0 || change.isPending}
            onClick={() => to(wanted - 1)}
          />
        </Allowed>
        <output aria-label={t("deployments.replicas")}>{wanted}</output>
        <Allowed to="deployments:write">
          <IconButton
            icon="plus"
            label={t("deployments.more")}
            disabled={change.isPending}
            onClick={() => to(wanted + 1)}
          />
        </Allowed>
      </span>
      <Fault error={change.error} />
    </>
  );
}
