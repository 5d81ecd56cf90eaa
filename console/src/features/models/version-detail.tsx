/** One version: what it is, where it comes from, which files it holds, what its card says. */
import type { Version } from "~/api/types";
import { Allowed } from "~/features/shared/allowed";
import { useSpeech } from "~/lib/i18n/context";
import { Facts } from "~/ui/facts";
import { Markdown } from "~/ui/markdown";
import { Panel } from "~/ui/panel";
import { Moment } from "~/ui/since";
import { Table } from "~/ui/table";
import { Aliases } from "./aliases";
import { DeleteVersion } from "./delete-version";
import { Digest } from "./digest";
import styles from "./models.module.css";
import { SignaturePanel } from "./signature-panel";
import { TaskBadge } from "./task-badge";

export function VersionDetail({ version }: { readonly version: Version }) {
  const { t } = useSpeech();
  return (
    <div className={styles.detail}>
      <Panel
        title={t("models.version", { n: version.number })}
        actions={
          <Allowed to="models:write">
            <DeleteVersion version={version} />
          </Allowed>
        }
      >
        <div className={styles.stack}>
          <VersionFacts version={version} />
          <Aliases version={version} />
        </div>
      </Panel>
      <SignaturePanel version={version} />
      <Panel title={t("models.card")}>
        {version.card ? <Markdown text={version.card} /> : <p>{t("models.noCard")}</p>}
      </Panel>
      <Files version={version} />
      {Object.keys(version.lineage).length > 0 && (
        <Panel title={t("models.lineage")}>
          <Facts items={Object.entries(version.lineage)} />
        </Panel>
      )}
    </div>
  );
}

function VersionFacts({ version }: { readonly version: Version }) {
  const { t, format } = useSpeech();
  const { facts } = version;
  return (
    <Facts
      items={[
        [t("models.task"), <TaskBadge key="task" task={facts.task} />],
        [t("models.format"), facts.format],
        [t("models.architecture"), facts.architecture || "–"],
        [t("models.parameters"), facts.parameters ? format.compact(facts.parameters) : "–"],
        [t("models.context"), facts.context_length ? format.count(facts.context_length) : "–"],
        [t("models.quantization"), facts.quantization || "–"],
        [t("models.size"), format.bytes(version.files.reduce((sum, file) => sum + file.size, 0))],
        [t("common.created"), <Moment key="created" at={version.created_at} />],
        [t("models.by"), version.created_by || "–"],
      ]}
    />
  );
}

function Files({ version }: { readonly version: Version }) {
  const { t, format } = useSpeech();
  return (
    <Panel title={t("models.files")} flush>
      <Table caption={t("models.files")} figures={[1]} head={[t("models.file"), t("models.size"), t("models.digest")]}>
        {version.files.map((file) => (
          <tr key={file.name}>
            <th scope="row">{file.name}</th>
            <td>{format.bytes(file.size)}</td>
            <td>
              <Digest digest={file.digest} />
            </td>
          </tr>
        ))}
      </Table>
    </Panel>
  );
}
