/** Every process that reports, and when it last did; whoever sees one tenant alone is told of none. */
import type { Process } from "~/api/types";
import { useSpeech } from "~/lib/i18n/context";
import { Badge } from "~/ui/badge";
import { Panel } from "~/ui/panel";
import { Table } from "~/ui/table";

interface ProcessesProps {
  readonly processes: readonly Process[];
  readonly now: number;
}

const KINDS = {
  gateway: { word: "overview.kindGateway", tone: "accent" },
  control: { word: "overview.kindControl", tone: "idle" },
  replica: { word: "overview.kindReplica", tone: "ok" },
} as const;

export function Processes({ processes, now }: ProcessesProps) {
  const { t, format } = useSpeech();
  if (processes.length === 0) return null;
  return (
    <Panel title={t("overview.processes")} flush>
      <Table
        caption={t("overview.processes")}
        figures={[2, 3, 4]}
        head={[t("overview.process"), t("overview.kind"), t("overview.memory"), t("overview.cpu"), t("overview.seen")]}
      >
        {processes.map((process) => (
          <tr key={process.source}>
            <th scope="row">{process.source}</th>
            <td>
              <Badge tone={KINDS[process.kind].tone}>{t(KINDS[process.kind].word)}</Badge>
            </td>
            <td>{format.bytes(process.resident_bytes)}</td>
            <td>{format.duration(process.cpu_seconds)}</td>
            <td>{format.duration(now - process.seen_at)}</td>
          </tr>
        ))}
      </Table>
    </Panel>
  );
}
