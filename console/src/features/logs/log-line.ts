/** A log line as structlog writes it: a JSON object with an event, a level, a time, and what belongs to it. */
import { isRecord } from "~/lib/error";

export interface LogLine {
  readonly time: string;
  readonly level: string;
  readonly event: string;
  readonly fields: readonly (readonly [name: string, value: string])[];
}

/** Read a line; one that is not JSON becomes an event of its own, so that nothing is hidden. */
export function parseLine(text: string): LogLine {
  const parsed = read(text);
  if (parsed === null) return { time: "", level: "", event: text, fields: [] };
  const { timestamp, ts, time, level, event, ...rest } = parsed;
  return {
    time: clock(timestamp ?? ts ?? time),
    level: String(level ?? ""),
    event: String(event ?? "").trim(),
    fields: Object.entries(rest).map(([name, value]) => [
      name,
      typeof value === "string" ? value : JSON.stringify(value),
    ]),
  };
}

function read(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : null;
  } catch {
    return null;
  }
}

function clock(value: unknown): string {
  const date = new Date(typeof value === "number" ? value * 1000 : String(value ?? ""));
  return Number.isNaN(date.getTime()) ? String(value ?? "") : date.toLocaleTimeString("en-GB", { hour12: false });
}
