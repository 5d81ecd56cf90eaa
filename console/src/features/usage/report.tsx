/** Sums of a span: in all, over time, and group by group. */
import { useQuery } from "@tanstack/react-query";
import { useApi } from "~/api/context";
import { type UsageReport, usageQuery } from "~/api/metering";
import { useKeyNames } from "~/features/use-names";
import { useSpeech } from "~/lib/i18n/context";
import { Alert, Fault } from "~/ui/alert";
import { Choice } from "~/ui/choice";
import { Empty, Loading } from "~/ui/empty";
import { Panel } from "~/ui/panel";
import { stacked } from "~/ui/stack";
import { StackChart } from "~/ui/stack-chart";
import { GroupTable } from "./group-table";
import { DIMENSIONS, MEASURES, type Question } from "./question";
import { bucketsOf, type Span } from "./span";
import { groupsOf, partsOf, totalOf } from "./sums";
import { Totals } from "./totals";
import styles from "./usage.module.css";

interface ReportProps {
  readonly question: Question;
  readonly span: Span;
  readonly onAsk: (part: Partial<Question>) => void;
}

export function Report({ question, span, onAsk }: ReportProps) {
  const { t } = useSpeech();
  const { by, filters } = question;
  const query = useQuery(usageQuery(useApi(), { ...span, groupBy: [by], filters }, span.live));
  return (
    <>
      <Fault error={query.error} />
      {query.isPending && <Loading />}
      {query.data?.rows.length === 0 && (
        <Panel>
          <Empty title={t("usage.empty")}>
            <p>{t("usage.emptyLead")}</p>
          </Empty>
        </Panel>
      )}
      {query.data && query.data.rows.length > 0 && (
        <Sums question={question} span={span} onAsk={onAsk} report={query.data} />
      )}
    </>
  );
}

/** More layers than there are colours would not be told apart. */
const LAYERS = 7;

function Sums({ question, span, onAsk, report }: ReportProps & { readonly report: UsageReport }) {
  const { t, format } = useSpeech();
  const { by, measure } = question;
  const { rows, currency } = report;
  const keyName = useKeyNames();
  const parts = partsOf(rows, measure, t("usage.nobody"));
  const named = by === "key" ? parts.map((part) => ({ ...part, name: keyName(part.name) })) : parts;
  const say = (value: number) => (measure === "cost" ? format.money(value, currency) : format.compact(value));
  const when = span.bucket === "hour" ? format.hour : span.bucket === "month" ? format.month : format.day;
  const names = { what: t(`usage.${measure}`), by: t(`usage.${by}`).toLowerCase() };
  return (
    <>
      <Totals sum={totalOf(rows)} currency={currency} />
      {report.next && <Alert tone="busy">{t("usage.cut")}</Alert>}
      <Panel
        title={t("usage.overTime", names)}
        actions={
          <>
            <Choice
              label={t("usage.show")}
              options={MEASURES.map((value) => ({ value, label: t(`usage.${value}`) }))}
              value={measure}
              onChange={(chosen) => onAsk({ measure: chosen })}
            />
            <label className={styles.by}>
              {t("usage.by")}{" "}
              <select value={by} onChange={(event) => onAsk({ by: event.target.value as Question["by"] })}>
                {DIMENSIONS.map((name) => (
                  <option key={name} value={name}>
                    {t(`usage.${name}`)}
                  </option>
                ))}
              </select>
            </label>
          </>
        }
      >
        <StackChart
          label={t("usage.overTime", names)}
          stack={stacked(bucketsOf(span), named, LAYERS, t("usage.rest"))}
          format={say}
          when={when}
        />
      </Panel>
      <Panel title={t("usage.table", names)} flush>
        <GroupTable question={question} groups={groupsOf(rows, measure)} currency={currency} onAsk={onAsk} />
      </Panel>
    </>
  );
}
