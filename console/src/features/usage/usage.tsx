/** What was used, and what it cost. */
import { useState } from "react";
import { usageCsv } from "~/api/metering";
import { DownloadButton } from "~/features/shared/download-button";
import { useMay } from "~/features/shared/may";
import { dayText, type Span, spanOf } from "~/features/shared/span";
import { useWatched } from "~/features/shared/watched";
import { useSpeech } from "~/lib/i18n/context";
import { useNow } from "~/lib/use-now";
import { Button } from "~/ui/button";
import { Page } from "~/ui/page";
import { Tabs } from "~/ui/tabs";
import { Ledger } from "./ledger";
import { type Question, useQuestion } from "./question";
import { QuestionBar } from "./question-bar";
import { RecomputeDialog } from "./recompute-dialog";
import { Report } from "./report";

/** A span that moved with every second would be asked anew with every second. */
const STEP_S = 60;

export default function UsagePage() {
  const { t } = useSpeech();
  const { may } = useMay();
  const [question, ask] = useQuestion();
  useWatched();
  const now = Math.floor(useNow() / STEP_S) * STEP_S;
  const span = spanOf(question.span, now, question.from, question.to);
  const ledger = may("ledger:read");
  return (
    <Page title={t("usage.title")} lead={t("usage.lead")} actions={<Actions question={question} span={span} />}>
      <Tabs
        label={t("usage.title")}
        tabs={[
          { value: "usage", label: t("usage.tabUsage") },
          ...(ledger ? [{ value: "ledger", label: t("usage.tabLedger") } as const] : []),
        ]}
        value={question.tab}
        onChange={(tab) => ask({ tab })}
      >
        <QuestionBar question={question} onAsk={ask} />
        {question.tab === "ledger" ? (
          <Ledger span={span} filters={question.filters} />
        ) : (
          <Report question={question} span={span} onAsk={ask} />
        )}
      </Tabs>
    </Page>
  );
}

function Actions({ question, span }: { readonly question: Question; readonly span: Span }) {
  const { t } = useSpeech();
  const { may } = useMay();
  const [recomputing, setRecomputing] = useState(false);
  const asked = { ...span, groupBy: [question.by], filters: question.filters };
  return (
    <>
      {may("usage:write") && (
        <Button icon="restart" onClick={() => setRecomputing(true)}>
          {t("usage.recompute")}
        </Button>
      )}
      <DownloadButton file={(api) => usageCsv(api, asked)} name={`usage-${dayText(span.start)}-${question.by}.csv`}>
        {t("usage.csv")}
      </DownloadButton>
      {recomputing && <RecomputeDialog span={span} onClose={() => setRecomputing(false)} />}
    </>
  );
}
