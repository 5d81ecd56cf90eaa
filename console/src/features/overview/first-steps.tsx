/** From nothing to an answer whose price is known: four steps, each ticked off by what is true. */
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { Link } from "wouter";
import { useApi } from "~/api/context";
import { keysQuery } from "~/api/identity";
import { modelNamesQuery } from "~/api/inference-queries";
import { usageQuery } from "~/api/metering";
import { allItems } from "~/api/paging";
import { projectsQuery } from "~/api/tenancy";
import { CallSnippet } from "~/features/shared/call-snippet";
import { useMay } from "~/features/shared/may";
import { WATCHED } from "~/features/shared/watched";
import { useSpeech } from "~/lib/i18n/context";
import { Button } from "~/ui/button";
import { Icon } from "~/ui/icon";
import { Panel } from "~/ui/panel";
import styles from "./first-steps.module.css";

const HIDDEN = "tulou.started";
const DAY = 86_400;

export function FirstSteps() {
  const { may } = useMay();
  const [hidden, setHidden] = useState(() => localStorage.getItem(HIDDEN) !== null);
  if (hidden || !may("projects:write") || !may("keys:write") || !may("usage:read")) return null;
  const hide = () => {
    localStorage.setItem(HIDDEN, "1");
    setHidden(true);
  };
  return <Steps onHide={hide} />;
}

function Steps({ onHide }: { readonly onHide: () => void }) {
  const { t } = useSpeech();
  const [open, setOpen] = useState(false);
  const { project, key, called, model } = useProgress();
  const watched = localStorage.getItem(WATCHED) !== null;
  if (project && key && called && watched) return null;
  return (
    <Panel
      title={t("start.title")}
      actions={
        <Button small kind="bare" onClick={onHide}>
          {t("start.hide")}
        </Button>
      }
    >
      <p className={styles.lead}>{t("start.lead")}</p>
      <ol className={styles.steps}>
        <Step number={1} done={project} lead={t("start.projectLead")}>
          <Link href="/projects?new=1">{t("start.project")}</Link>
        </Step>
        <Step number={2} done={key} lead={t("start.keyLead")}>
          <Link href="/keys?new=1">{t("start.key")}</Link>
        </Step>
        <Step number={3} done={called} lead={t("start.callLead")}>
          <button type="button" aria-expanded={open} onClick={() => setOpen(!open)}>
            {t("start.call")}
          </button>
        </Step>
        <Step number={4} done={called && watched} lead={t("start.watchLead")}>
          <Link href="/usage?span=today&by=key">{t("start.watch")}</Link>
        </Step>
      </ol>
      {open && <CallSnippet model={model} secret="" />}
    </Panel>
  );
}

interface StepProps {
  readonly number: number;
  readonly done: boolean;
  readonly lead: string;
  readonly children: ReactNode;
}

function Step({ number, done, lead, children }: StepProps) {
  const { t } = useSpeech();
  return (
    <li className={styles.step} data-done={done}>
      <span className={styles.number} aria-hidden="true">
        {done ? <Icon name="check" size={16} /> : number}
      </span>
      <div>
        {children}
        {done && <span className="unseen"> ({t("start.done")})</span>}
        <p>{lead}</p>
      </div>
    </li>
  );
}

interface Progress {
  readonly project: boolean;
  readonly key: boolean;
  readonly called: boolean;
  readonly model: string;
}

/** The house comes with one project and one key of its own: those are not a newcomer's doing. */
function useProgress(): Progress {
  const api = useApi();
  const projects = useQuery(projectsQuery(api));
  const keys = useInfiniteQuery(keysQuery(api, false));
  const models = useQuery(modelNamesQuery(api, "chat"));
  const [start] = useState(() => Math.floor(Date.now() / 1000 / DAY - 29) * DAY);
  const query = { start, end: start + 31 * DAY, bucket: "all", groupBy: [], filters: {} } as const;
  const usage = useQuery(usageQuery(api, query, true));
  return {
    project: projects.data?.some(({ name }) => name !== "default") ?? false,
    key: allItems(keys.data).some((key) => key.project !== undefined && key.project !== "default"),
    called: usage.data?.rows.some((row) => row.requests > row.refused) ?? false,
    model: models.data?.[0] ?? "tulou-demo",
  };
}
