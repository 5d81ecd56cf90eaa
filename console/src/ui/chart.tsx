/** A small line chart of the last seconds: gaps where nothing was measured, and the figures under the pointer. */
import { type PointerEvent, useState } from "react";
import { useSpeech } from "~/lib/i18n/context";
import styles from "./chart.module.css";
import { areaPath, type Curve, ceiling, linePath, newest, peak } from "./curve";

export interface Series {
  readonly label: string;
  readonly tone: "accent" | "second" | "bad";
  readonly values: Curve;
}

interface ChartProps {
  readonly label: string;
  readonly series: readonly Series[];
  readonly times: readonly number[];
  readonly format: (value: number | null) => string;
  readonly tall?: boolean;
}

const WIDTH = 600;
const HEIGHT = 100;

export function Chart({ label, series, times, format, tall = false }: ChartProps) {
  const { t, format: say } = useSpeech();
  const [at, setAt] = useState<number | null>(null);
  const top = ceiling(Math.max(...series.map((line) => peak(line.values))));
  const last = Math.max(1, times.length - 1);
  const point = (event: PointerEvent<Element>) => {
    const box = event.currentTarget.getBoundingClientRect();
    setAt(Math.round(((event.clientX - box.left) / box.width) * last));
  };
  const time = at === null ? undefined : times[at];
  const summary = series
    .map((line) =>
      t("common.chartLine", { name: line.label, now: format(newest(line.values)), peak: format(peak(line.values)) }),
    )
    .join("; ");
  return (
    <figure className={styles.chart} role="img" aria-label={`${label}. ${summary}`}>
      <div className={styles.plot} data-tall={tall} onPointerMove={point} onPointerLeave={() => setAt(null)}>
        <span className={styles.top}>{format(top)}</span>
        <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
          <path className={styles.grid} d={`M0 ${HEIGHT / 2}H${WIDTH}M0 0.5H${WIDTH}`} />
          {series.map((line, place) => (
            <g key={line.label} className={styles[line.tone]}>
              {place === 0 && <path className={styles.area} d={areaPath(line.values, top, WIDTH, HEIGHT)} />}
              <path className={styles.line} d={linePath(line.values, top, WIDTH, HEIGHT)} />
            </g>
          ))}
          {at !== null && <path className={styles.cursor} d={`M${(at / last) * WIDTH} 0V${HEIGHT}`} />}
        </svg>
        {at !== null && time !== undefined && (
          <output
            className={styles.tip}
            style={{ insetInlineStart: `clamp(0px, ${(at / last) * 100}% - 4rem, 100% - 8rem)` }}
          >
            <span>{say.clock(time)}</span>
            {series.map((line) => (
              <span key={line.label} className={styles[line.tone]}>
                {line.label} <b>{format(line.values[at] ?? null)}</b>
              </span>
            ))}
          </output>
        )}
      </div>
    </figure>
  );
}
