/** Four figures with their last minute behind them. */
import type { ReactNode } from "react";
import type { Rate } from "~/api/types";
import { useSpeech } from "~/lib/i18n/context";
import { Chart, type Series } from "~/ui/chart";
import { newest } from "~/ui/curve";
import { errorShare, recently } from "./latest";
import styles from "./tiles.module.css";

export function Tiles({ points }: { readonly points: readonly Rate[] }) {
  const { t, format } = useSpeech();
  const times = points.map((point) => point.at);
  const p50 = points.map((point) => point.p50_ms);
  const p95 = points.map((point) => point.p95_ms);
  const first = points.map((point) => point.first_token_p50_ms);
  return (
    <div className={styles.tiles}>
      <Tile
        name={t("overview.latency")}
        value={format.milliseconds(newest(p50))}
        aside={`${t("overview.p95")} ${format.milliseconds(newest(p95))}`}
        times={times}
        format={format.milliseconds}
        series={[
          { label: t("overview.p50"), tone: "accent", values: p50 },
          { label: t("overview.p95"), tone: "second", values: p95 },
        ]}
      />
      <Tile
        name={t("overview.firstToken")}
        value={format.milliseconds(newest(first))}
        aside={t("overview.p50")}
        times={times}
        format={format.milliseconds}
        series={[{ label: t("overview.p50"), tone: "accent", values: first }]}
      />
      <Tile
        name={t("overview.tokensPerSecond")}
        value={format.rate(recently(points, "tokens"))}
        times={times}
        format={format.rate}
        series={[{ label: t("overview.tokensPerSecond"), tone: "second", values: points.map((point) => point.tokens) }]}
      />
      <Tile
        name={t("overview.errorRate")}
        value={format.percent(errorShare(points))}
        times={times}
        format={format.rate}
        series={[{ label: t("overview.errorsPerSecond"), tone: "bad", values: points.map((point) => point.errors) }]}
      />
    </div>
  );
}

interface TileProps {
  readonly name: string;
  readonly value: string;
  readonly aside?: ReactNode;
  readonly times: readonly number[];
  readonly series: readonly Series[];
  readonly format: (value: number | null) => string;
}

function Tile({ name, value, aside, ...chart }: TileProps) {
  return (
    <section className={styles.tile} aria-label={name}>
      <h2 className={styles.name}>{name}</h2>
      <p className={styles.value}>
        {value} {aside && <small>{aside}</small>}
      </p>
      <Chart label={name} {...chart} />
    </section>
  );
}
