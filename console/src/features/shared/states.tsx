/** The states of the contracts: the tone each has, and the badge that names it. */
import type { DeploymentState, JobState, ReplicaState } from "~/api/types";
import { useSpeech } from "~/lib/i18n/context";
import { Badge } from "~/ui/badge";
import type { Tone } from "~/ui/tone";

type State = DeploymentState | ReplicaState | JobState | "cancelling";

const TONES: Readonly<Record<State, Tone>> = {
  cancelled: "idle",
  cancelling: "busy",
  degraded: "busy",
  deleting: "busy",
  draining: "busy",
  failed: "bad",
  pending: "busy",
  progressing: "busy",
  queued: "idle",
  ready: "ok",
  running: "ok",
  scheduled: "busy",
  starting: "busy",
  stopped: "idle",
  succeeded: "ok",
  unreachable: "bad",
  warming: "busy",
};

export function toneOf(state: State): Tone {
  return TONES[state];
}

/** Work that runs is on its way, not done: green is kept for what succeeded. */
export function workTone(state: JobState): Tone {
  return state === "running" ? "accent" : TONES[state];
}

export function StateBadge({ state, tone }: { readonly state: State; readonly tone?: Tone }) {
  const { t } = useSpeech();
  return (
    <Badge dot tone={tone ?? toneOf(state)}>
      {t(`states.${state}`)}
    </Badge>
  );
}
