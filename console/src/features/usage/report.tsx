/** Sums of a span: in all, over time, and group by group. */
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useApi } from "~/api/context";
import { groupsQuery, MILLION, type UsageReport, type UsageRow, usageQuery } from "~/api/metering";
import { bucketsOf, type Span } from "~/features/shared/span";
import { useKeyNames } from "~/features/shared/use-names";
import { useSpeech } from "~/lib/i18n/context";
import { Fault } from "~/ui/alert";
import { Choice } from "~/ui/choice";
import { Empty, Loading } from "~/ui/empty";
import { More } from "~/ui/more";
import { Panel } from "~/ui/panel";
import { stacked } from "~/ui/stack";
import { StackChart } from "~/ui/stack-chart";
import { GroupTable } from "./group-table";
import { PriceNotices } from "./price-notices";
import { DIMENSIONS, MEASURES, type Question } from "./question";
import { groupsOf, partsOf, totalOf } from "./sums";
import { Totals } from "./totals";
import styles from "./usage.module.css";

interface ReportProps {
  readonly question: Question;
  readonly span: Span;
  readonly onAsk: (part: Partial<Question>) => void;
}

/** More layers than there are colours would not be told apart; the last one is for the rest. */
const LAYERS = 7;

export function Report({ question, span, onAsk }: ReportProps) {
  const { t } = useSpeech();
  const api = useApi();
  const { by, measure, filters } = question;
  const whole = useQuery(usageQuery(api, { ...span, groupBy: [], filters }, span.live));
  const { start, end, live } = span;
  const ranked = useInfiniteQuery(groupsQuery(api, { start, end, groupBy: [by], filters }, measure, live));
  const groups = groupsOf(ranked.data?.pages.flatMap(({ rows }) => rows) ?? []);
  const alone = { ...filters, [by]: groups.slice(0, LAYERS - 1).map(({ name }) => name) };
  const named = useQuery({
    ...usageQuery(api, { ...span, groupBy: [by], filters: alone }, live),
    enabled: groups.length > 0,
  });
  return (
    <>
      <Fault error={whole.error ?? ranked.error ?? named.error} />
      {whole.isPending && <Loading />}
      {whole.data?.rows.length === 0 && (
        <Panel>
          <Empty title={t("usage.empty")}>
            <p>{t("usage.emptyLead")}</p>
          </Empty>
        </Panel>
      )}
      {whole.data && whole.data.rows.length > 0 && (
        <>
          <PriceNotices span={span} filters={filters} />
          <Totals sum={totalOf(whole.data.rows)} currency={whole.data.currency} />
          <OverTime question={question} span={span} onAsk={onAsk} whole={whole.data} named={named.data?.rows ?? null} />
          {ranked.data && (
            <Panel title={t("usage.table", { what: t(`usage.${measure}`), by: t(`usage.${by}`).toLowerCase() })} flush>
              <GroupTable
                question={question}
                groups={groups}
                whole={totalOf(whole.data.rows)}
                more={ranked.hasNextPage}
                currency={whole.data.currency}
                onAsk={onAsk}
              />
              <More query={ranked} />
            </Panel>
          )}
        </>
      )}
    </>
  );
}

interface OverTimeProps extends ReportProps {
  readonly whole: UsageReport;
  /** The largest groups; null until they are known. */
  readonly named: readonly UsageRow[] | null;
}

function OverTime({ question, span, onAsk, whole, named }: OverTimeProps) {
  const { t, format } = useSpeech();
  const { by, measure } = question;
  const keyName = useKeyNames();
  const nameOf = (name: string) => (by === "key" ? keyName(name) : name) || t("usage.nobody");
  const say = (value: number) =>
    measure === "cost" ? format.money(value / MILLION, whole.currency) : format.compact(value);
  const when = span.bucket === "hour" ? format.hour : span.bucket === "month" ? format.month : format.day;
  const title = t("usage.overTime", { what: t(`usage.${measure}`) });
  const stack = (groups: readonly UsageRow[]) =>
    stacked(bucketsOf(span), partsOf(groups, measure, nameOf), partsOf(whole.rows, measure, nameOf), t("usage.rest"));
  return (
    <Panel
      title={title}
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
      {named === null ? <Loading /> : <StackChart label={title} stack={stack(named)} format={say} when={when} />}
    </Panel>
  );
}
