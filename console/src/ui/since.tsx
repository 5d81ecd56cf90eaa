/** Times that stay true while one looks: how long ago, and how long still; the exact moment is in the title. */
import { useSpeech } from "~/lib/i18n/context";
import { useNow } from "~/lib/use-now";

interface MomentProps {
  readonly at: number;
}

/** How long ago, as `3 min 20 s`. */
export function Since({ at }: MomentProps) {
  const { format } = useSpeech();
  const now = useNow();
  return (
    <time dateTime={iso(at)} title={format.time(at)}>
      {format.duration(now - at)}
    </time>
  );
}

/** How long still, or that it is over. */
export function Until({ at }: MomentProps) {
  const { t, format } = useSpeech();
  const left = at - useNow();
  return (
    <time dateTime={iso(at)} title={format.time(at)}>
      {left <= 0 ? t("common.overdue") : format.duration(left)}
    </time>
  );
}

export function Moment({ at }: MomentProps) {
  const { format } = useSpeech();
  return <time dateTime={iso(at)}>{format.time(at)}</time>;
}

function iso(at: number): string {
  return new Date(at * 1000).toISOString();
}
