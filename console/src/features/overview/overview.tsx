/** The house as it is this second. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useApi } from "~/api/context";
import { deploymentsQuery } from "~/api/deployments";
import { overviewQuery } from "~/api/observability";
import type { Overview, ReplicaStatus } from "~/api/types";
import { useMay } from "~/features/shared/may";
import { useSpeech } from "~/lib/i18n/context";
import { Fault } from "~/ui/alert";
import { Choice } from "~/ui/choice";
import { Loading } from "~/ui/empty";
import { Page } from "~/ui/page";
import { Courtyard } from "./courtyard";
import { FirstStart } from "./first-start";
import { FirstSteps } from "./first-steps";
import { endsAtTenant } from "./latest";
import styles from "./overview.module.css";
import { Processes } from "./processes";
import { Tiles } from "./tiles";
import { TrafficByModel } from "./traffic-by-model";
import { TrafficChart } from "./traffic-chart";

const WINDOWS = [60, 300, 600];

export default function OverviewPage() {
  const { t } = useSpeech();
  const api = useApi();
  const [seconds, setSeconds] = useState(60);
  const { may } = useMay();
  const overview = useQuery(overviewQuery(api, seconds));
  // Every refusal is in the audit trail: what is refused anyway is not asked again and again.
  const deployments = useQuery({ ...deploymentsQuery(api), enabled: may("deployments:read") });
  return (
    <Page
      title={t("overview.title")}
      lead={t(overview.data && endsAtTenant(overview.data) ? "overview.leadTenant" : "overview.lead")}
      actions={
        <Choice
          label={t("overview.window")}
          options={WINDOWS.map((value) => ({ value, label: t("overview.windowMinutes", { n: value / 60 }) }))}
          value={seconds}
          onChange={setSeconds}
        />
      }
    >
      <FirstStart />
      <FirstSteps />
      <Fault error={overview.error} />
      {overview.isPending && <Loading />}
      {overview.data && <Rooms overview={overview.data} replicas={deployments.data?.flatMap((one) => one.replicas)} />}
    </Page>
  );
}

interface RoomsProps {
  readonly overview: Overview;
  readonly replicas: readonly ReplicaStatus[] | undefined;
}

function Rooms({ overview, replicas }: RoomsProps) {
  return (
    <>
      <div className={styles.top}>
        <Courtyard overview={overview} replicas={replicas} />
        <Tiles points={overview.points} />
      </div>
      <TrafficChart points={overview.points} />
      <TrafficByModel models={overview.models} />
      <Processes processes={overview.processes} now={overview.at} />
    </>
  );
}
