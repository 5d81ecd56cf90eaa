/** Bars over time, each made of its parts; the parts under the pointer, or under the arrow keys, are told. */
import { type KeyboardEvent, type PointerEvent, useState } from "react";
import { useSpeech } from "~/lib/i18n/context";
import { ceiling } from "./curve";
import { type Layer, type Stacked, wholes } from "./stack";
import styles from "./stack-chart.module.css";

interface StackChartProps {
  readonly label: string;
  readonly stack: Stacked;
  readonly format: (value: number) => string;
  readonly when: (time: number) => string;
}

const WIDTH = 1000;
const HEIGHT = 100;

export function StackChart({ label, stack, format, when }: StackChartProps) {
  const { t } = useSpeech();
  const [at, setAt] = useState<number | null>(null);
  const { times, layers } = stack;
  const sums = wholes(stack);
  const peak = Math.max(0, ...sums);
  const top = ceiling(peak);
  const last = times.length - 1;
  const point = (event: PointerEvent<Element>) => {
    const box = event.currentTarget.getBoundingClientRect();
    setAt(within(Math.floor(((event.clientX - box.left) / box.width) * times.length), last));
  };
  const step = (event: KeyboardEvent) => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    setAt(at === null ? last : within(at + by, last));
  };
  const summary = layers.map((one) => t("common.chartPart", { name: one.name, total: format(one.total) })).join("; ");
  return (
    <figure className={styles.chart}>
      <div
        className={styles.plot}
        role="img"
        aria-label={`${label}. ${summary}`}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the arrow keys tell the figures that a pointer would
        tabIndex={0}
        onKeyDown={step}
        onBlur={() => setAt(null)}
        onPointerMove={point}
        onPointerLeave={() => setAt(null)}
      >
        {/* Where nothing was, no scale is true; and half of the smallest amount reads like the whole. */}
        {peak > 0 && <span className={styles.top}>{format(top)}</span>}
        {peak > 0 && format(top / 2) !== format(top) && <span className={styles.half}>{format(top / 2)}</span>}
        <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
          <path className={styles.grid} d={`M0 0.5H${WIDTH}M0 ${HEIGHT / 2}H${WIDTH}M0 ${HEIGHT}H${WIDTH}`} />
          {times.map((time, place) => (
            <Bar
              key={time}
              place={place}
              count={times.length}
              layers={layers}
              top={top}
              dim={at !== null && at !== place}
            />
          ))}
        </svg>
        {at !== null && <Tip stack={stack} at={at} whole={sums[at] ?? 0} format={format} when={when} />}
      </div>
      <div className={styles.times} aria-hidden="true">
        {labelled(times.length).map((place) => (
          <span key={place} style={{ insetInlineStart: `${((place + 0.5) / times.length) * 100}%` }}>
            {when(times[place] ?? 0)}
          </span>
        ))}
      </div>
      <Legend layers={layers} format={format} />
    </figure>
  );
}

/** As many as can be read side by side on a phone, evenly apart. */
const LABELS = 5;

/** Return the bars that have their time written below. */
export function labelled(count: number): number[] {
  const step = Math.max(1, Math.ceil(count / LABELS));
  return Array.from({ length: Math.ceil(count / step) }, (_, place) => place * step);
}

function within(place: number, last: number): number {
  return Math.min(last, Math.max(0, place));
}

interface BarProps {
  readonly place: number;
  readonly count: number;
  readonly layers: readonly Layer[];
  readonly top: number;
  readonly dim: boolean;
}

function Bar({ place, count, layers, top, dim }: BarProps) {
  const room = WIDTH / Math.max(count, 1);
  const width = Math.max(1, room * (count > 40 ? 0.86 : 0.72));
  const scaled = layers.map(({ values }) => ((values[place] ?? 0) / top) * HEIGHT);
  return (
    <g className={styles.bar} data-dim={dim}>
      {layers.map((layer, index) => {
        const below = scaled.slice(0, index).reduce((sum, height) => sum + height, 0);
        const height = scaled[index] ?? 0;
        return height > 0 ? (
          <rect
            key={layer.name}
            className={styles[hueOf(layer, index)]}
            x={place * room + (room - width) / 2}
            width={width}
            y={HEIGHT - below - height}
            height={height}
          />
        ) : null;
      })}
    </g>
  );
}

function hueOf(layer: Layer, index: number): string {
  return layer.rest ? "rest" : `hue${(index % 6) + 1}`;
}

interface TipProps {
  readonly stack: Stacked;
  readonly at: number;
  readonly whole: number;
  readonly format: (value: number) => string;
  readonly when: (time: number) => string;
}

function Tip({ stack, at, whole, format, when }: TipProps) {
  const middle = ((at + 0.5) / stack.times.length) * 100;
  const shown = stack.layers
    .map((layer, index) => ({ layer, index }))
    .filter(({ layer }) => (layer.values[at] ?? 0) > 0);
  return (
    <output className={styles.tip} style={{ insetInlineStart: `clamp(0px, ${middle}% - 6rem, 100% - 12rem)` }}>
      <span className={styles.line}>
        {when(stack.times[at] ?? 0)} <b>{format(whole)}</b>
      </span>
      {shown.reverse().map(({ layer, index }) => (
        <span key={layer.name} className={styles.line}>
          <span className={styles.name}>
            <i className={styles[hueOf(layer, index)]} aria-hidden="true" />
            {layer.name}
          </span>
          <b>{format(layer.values[at] ?? 0)}</b>
        </span>
      ))}
    </output>
  );
}

interface LegendProps {
  readonly layers: readonly Layer[];
  readonly format: (value: number) => string;
}

function Legend({ layers, format }: LegendProps) {
  return (
    <ul className={styles.legend}>
      {layers.map((layer, index) => (
        <li key={layer.name}>
          <i className={styles[hueOf(layer, index)]} aria-hidden="true" />
          {layer.name} <span>{format(layer.total)}</span>
        </li>
      ))}
    </ul>
  );
}
