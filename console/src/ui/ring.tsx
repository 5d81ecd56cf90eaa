/** A house from above, drawn from what is true: the wall with its gate, and a room for each replica. */
import type { ReactNode } from "react";
import styles from "./ring.module.css";
import type { Tone } from "./tone";

interface RingProps {
  readonly label: string;
  readonly rooms: readonly Tone[];
  readonly size: number;
  readonly children?: ReactNode;
}

const GATE = 26;
const WALL = 46;
const ROOMS = 34;
/** More rooms than this would be too thin to see; the rest is in the tables. */
const MOST = 60;

export function Ring({ label, rooms, size, children }: RingProps) {
  const shown = rooms.slice(0, MOST);
  const width = 360 / Math.max(shown.length, 1);
  const gap = shown.length > 1 ? Math.min(9, width * 0.2) : 0;
  return (
    <div className={styles.ring} style={{ width: size, height: size }} role="img" aria-label={label}>
      <svg viewBox="0 0 100 100" aria-hidden="true">
        <path className={styles.wall} d={arc(WALL, 180 + GATE / 2, 540 - GATE / 2)} />
        {shown.length === 0 && <circle className={styles.vacant} cx="50" cy="50" r={ROOMS} />}
        {shown.map((tone, place) => (
          <path
            // biome-ignore lint/suspicious/noArrayIndexKey: a room is its place
            key={place}
            className={`${styles.room} ${styles[tone]}`}
            d={arc(ROOMS, place * width + gap / 2, (place + 1) * width - gap / 2)}
          />
        ))}
      </svg>
      {children && <div className={styles.court}>{children}</div>}
    </div>
  );
}

/** An arc around the middle, in degrees clockwise from the top; a whole turn is two halves. */
function arc(radius: number, from: number, to: number): string {
  if (to - from >= 360) return arc(radius, from, from + 180) + arc(radius, from + 180, from + 359.99);
  const large = to - from > 180 ? 1 : 0;
  return `M${spot(radius, from)}A${radius} ${radius} 0 ${large} 1 ${spot(radius, to)}`;
}

function spot(radius: number, degrees: number): string {
  const angle = ((degrees - 90) * Math.PI) / 180;
  return `${(50 + radius * Math.cos(angle)).toFixed(2)} ${(50 + radius * Math.sin(angle)).toFixed(2)}`;
}
