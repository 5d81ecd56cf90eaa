/** How a request ended: its status, and the code of what went wrong. */
import type { Entry } from "~/api/metering";
import { useSpeech } from "~/lib/i18n/context";
import { Badge } from "~/ui/badge";
import type { Tone } from "~/ui/tone";

export function StatusBadge({ entry }: { readonly entry: Entry }) {
  const { t } = useSpeech();
  if (entry.status === 499) return <Badge>{t("usage.left")}</Badge>;
  return <Badge tone={toneOf(entry.status)}>{entry.code ? `${entry.status} ${entry.code}` : entry.status}</Badge>;
}

function toneOf(status: number): Tone {
  if (status < 400) return "ok";
  return status < 500 ? "busy" : "bad";
}
