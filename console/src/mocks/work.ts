/** Jobs and runs of the pretended house. */
import type { Job, Run } from "~/api/types";

export function run(id: string, part: Partial<Run>): Run {
  return {
    id,
    recipe: "demo",
    profile: "quick",
    model: "tulou-demo",
    state: "queued",
    job: "job_03",
    stage: "",
    step: 0,
    steps: 0,
    loss: 0,
    eta_s: 0,
    version: null,
    error: "",
    scores: [],
    created_at: 0,
    started_at: null,
    finished_at: null,
    created_by: "admin",
    ...part,
  };
}

export function job(
  id: string,
  kind: string,
  state: Job["state"],
  progress: number,
  note: string,
  at: number,
  error = "",
): Job {
  const over = state !== "running" && state !== "queued";
  return {
    id,
    kind,
    payload: "{}",
    state,
    attempt: 1,
    attempts: 3,
    progress,
    note,
    result: "null",
    error,
    created_at: at,
    started_at: at + 1,
    finished_at: over ? at + 71 : null,
    created_by: "admin",
    cancelling: false,
  };
}
