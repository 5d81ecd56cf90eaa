/** What to show as "now": the last whole seconds, smoothed a little so that the figures can be read. */
import type { Overview, Rate } from "~/api/types";

/** How many seconds one figure stands for. */
const SMOOTHED = 5;

type Measured = "requests" | "errors" | "tokens";

/** Mean of the last seconds; 0 where there are none. */
export function recently(points: readonly Rate[], name: Measured): number {
  const last = points.slice(-SMOOTHED);
  return last.reduce((sum, point) => sum + point[name], 0) / Math.max(1, last.length);
}

/** Share of the requests of the whole window that failed. */
export function errorShare(points: readonly Rate[]): number {
  const sum = (name: Measured) => points.reduce((total, point) => total + point[name], 0);
  return sum("errors") / Math.max(1, sum("requests"));
}

/** Whether these are a tenant's figures: what is in flight is told of the whole house only. */
export function endsAtTenant({ points }: Pick<Overview, "points">): boolean {
  return points.at(-1)?.in_flight === null;
}
