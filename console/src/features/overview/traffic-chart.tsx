/** Requests and errors over the window. */
import type { Rate } from "~/api/types";
import { useSpeech } from "~/lib/i18n/context";
import { Chart } from "~/ui/chart";
import { Panel } from "~/ui/panel";
import styles from "./overview.module.css";

export function TrafficChart({ points }: { readonly points: readonly Rate[] }) {
  const { t, format } = useSpeech();
  return (
    <Panel
      title={t("overview.traffic")}
      actions={
        <p className={styles.key}>
          <span>{t("overview.requestsPerSecond")}</span>
          <span className={styles.bad}>{t("overview.errorsPerSecond")}</span>
        </p>
      }
    >
      <Chart
        tall
        label={t("overview.traffic")}
        times={points.map((point) => point.at)}
        format={format.rate}
        series={[
          { label: t("overview.requests"), tone: "accent", values: points.map((point) => point.requests) },
          { label: t("overview.errors"), tone: "bad", values: points.map((point) => point.errors) },
        ]}
      />
    </Panel>
  );
}
