/** What a document would change, and which requests of the last hour would have gone otherwise. */
import type { Different, Plan } from "~/api/configuration";
import { useSpeech } from "~/lib/i18n/context";
import { Alert } from "~/ui/alert";
import { Panel } from "~/ui/panel";
import { Moment } from "~/ui/since";
import { Table } from "~/ui/table";
import { ChangeList } from "./change-list";
import styles from "./configuration.module.css";

export function PlanView({ plan }: { readonly plan: Plan }) {
  const { t } = useSpeech();
  return (
    <Panel
      title={t("configuration.planned")}
      actions={<span className={styles.faint}>{t("configuration.against", { base: plan.base })}</span>}
    >
      <div className={styles.form}>
        {plan.warnings.map((warning) => (
          <Alert key={warning} tone="busy">
            {warning}
          </Alert>
        ))}
        <ChangeList changes={plan.changes} />
        <Replay plan={plan} />
        {plan.examples.length > 0 && <Examples examples={plan.examples} />}
      </div>
    </Panel>
  );
}

function Replay({ plan: { replayed, different } }: { readonly plan: Plan }) {
  const { t, format } = useSpeech();
  if (replayed === 0) return <p className={styles.faint}>{t("configuration.replayNone")}</p>;
  const figures = { replayed: format.count(replayed), different: format.count(different) };
  return (
    <Alert tone={different > 0 ? "busy" : "ok"}>
      {different > 0 ? t("configuration.replay", figures) : t("configuration.replaySame", figures)}
    </Alert>
  );
}

function Examples({ examples }: { readonly examples: readonly Different[] }) {
  const { t } = useSpeech();
  return (
    <Table
      caption={t("configuration.examples")}
      head={[
        t("common.time"),
        t("common.principal"),
        t("common.model"),
        t("configuration.was"),
        t("configuration.wouldBe"),
        t("configuration.why"),
      ]}
    >
      {examples.map((one) => (
        <tr key={one.request_id}>
          <th scope="row">
            <Moment at={one.at} />
          </th>
          <td>
            {one.principal}
            <p className={styles.faint}>
              {one.tenant} / {one.project}
            </p>
          </td>
          <td>{one.model}</td>
          <td>{one.was}</td>
          <td>{one.would_be}</td>
          <td>{one.why}</td>
        </tr>
      ))}
    </Table>
  );
}
