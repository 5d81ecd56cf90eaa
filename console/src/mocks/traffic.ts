/** Traffic that looks alive: slow waves with a little noise, the same for the same second. */
import type { Overview, Rate } from "~/api/types";

export function overviewAt(now: number, seconds: number): Overview {
  const points = Array.from({ length: seconds }, (_, place) => rate(now - seconds + 1 + place));
  const sum = (name: "requests" | "errors" | "tokens") => points.reduce((total, point) => total + point[name], 0);
  return {
    at: now,
    points,
    models: [
      {
        model: "tulou-demo",
        requests: sum("requests") * 0.7,
        errors: sum("errors"),
        tokens: sum("tokens") * 0.9,
        p50_ms: 212,
        p95_ms: 538,
      },
      {
        model: "all-minilm-l6-v2",
        requests: sum("requests") * 0.3,
        errors: 0,
        tokens: sum("tokens") * 0.1,
        p50_ms: 6.4,
        p95_ms: 11.8,
      },
    ],
    processes: [
      { source: "control-1", kind: "control", seen_at: now, resident_bytes: 142e6, cpu_seconds: 61 },
      { source: "gateway-1", kind: "gateway", seen_at: now, resident_bytes: 58e6, cpu_seconds: 212 },
      { source: "gateway-2", kind: "gateway", seen_at: now, resident_bytes: 57e6, cpu_seconds: 208 },
      { source: "tulou-demo-1", kind: "replica", seen_at: now, resident_bytes: 49e6, cpu_seconds: 1804 },
    ],
  };
}

/** The same as whoever sees one tenant alone is told it. */
export function overviewOfTenantAt(now: number, seconds: number): Overview {
  const whole = overviewAt(now, seconds);
  return { ...whole, points: whole.points.map((point) => ({ ...point, in_flight: null })), processes: [] };
}

function rate(at: number): Rate {
  const wave = Math.sin(at / 17) * 0.25 + Math.sin(at / 5.3) * 0.1 + noise(at) * 0.12;
  const requests = Math.round(46 * (1 + wave));
  return {
    at,
    requests,
    errors: noise(at * 3) > 0.93 ? 1 : 0,
    tokens: Math.round(requests * 27 * (1 + noise(at + 7) * 0.1)),
    in_flight: Math.round(9 * (1 + wave)),
    p50_ms: 180 * (1 + wave * 0.7 + noise(at + 1) * 0.1),
    p95_ms: 420 * (1 + wave + noise(at + 2) * 0.2),
    first_token_p50_ms: 31 * (1 + wave * 0.5 + noise(at + 3) * 0.15),
  };
}

/** A figure from 0 to 1 that depends on *seed* alone. */
function noise(seed: number): number {
  const value = Math.sin(seed * 12.9898) * 43_758.5453;
  return value - Math.floor(value);
}
