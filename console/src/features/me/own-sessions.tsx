/** Where one is signed in. */
import { useQuery } from "@tanstack/react-query";
import { useApi } from "~/api/context";
import { mySessionsQuery, useEndMySession } from "~/api/me";
import { SessionTable } from "~/features/shared/session-table";
import { useSpeech } from "~/lib/i18n/context";
import { Fault } from "~/ui/alert";
import { Panel } from "~/ui/panel";

export function OwnSessions({ here }: { readonly here: string }) {
  const { t } = useSpeech();
  const sessions = useQuery(mySessionsQuery(useApi()));
  const end = useEndMySession();
  return (
    <Panel title={t("me.sessions")} flush>
      <Fault error={sessions.error ?? end.error} />
      {sessions.data && (
        <SessionTable sessions={sessions.data} here={here} busy={end.isPending} onEnd={(id) => end.mutate(id)} />
      )}
    </Panel>
  );
}
