/** How full something is: what is used, what is held for requests on their way, and where it is heading. */
import styles from "./meter.module.css";
import type { Tone } from "./tone";

interface MeterProps {
  readonly label: string;
  readonly most: number;
  readonly used: number;
  readonly held: number;
  readonly forecast?: number | null;
  readonly tone: Tone;
}

export function Meter({ label, most, used, held, forecast = null, tone }: MeterProps) {
  const share = (amount: number) => `${Math.min(100, Math.max(0, most > 0 ? (amount / most) * 100 : 100))}%`;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a <meter> has one bar, this has two and a mark
    <div
      className={styles.meter}
      data-tone={tone}
      role="meter"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={most}
      aria-valuenow={Math.min(used + held, most)}
    >
      <span className={styles.held} style={{ width: share(used + held) }} />
      <span className={styles.used} style={{ width: share(used) }} />
      {forecast !== null && <span className={styles.forecast} style={{ insetInlineStart: share(forecast) }} />}
    </div>
  );
}
