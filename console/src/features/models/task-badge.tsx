/** What a model is for. */
import type { Task } from "~/api/types";
import { useSpeech } from "~/lib/i18n/context";
import { Badge } from "~/ui/badge";

const WORDS = { chat: "models.taskChat", embedding: "models.taskEmbedding" } as const;

export function TaskBadge({ task }: { readonly task: Task }) {
  const { t } = useSpeech();
  return <Badge tone="idle">{t(WORDS[task])}</Badge>;
}
