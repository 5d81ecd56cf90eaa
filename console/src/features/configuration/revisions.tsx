/** Every state that the document has had: who made it, why, and what changed. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { type Revision, revisionsQuery } from "~/api/configuration";
import { useApi } from "~/api/context";
import { allItems } from "~/api/paging";
import { useMay } from "~/features/shared/may";
import { useSpeech } from "~/lib/i18n/context";
import { Fault } from "~/ui/alert";
import { Badge } from "~/ui/badge";
import { Button } from "~/ui/button";
import { Empty, Loading } from "~/ui/empty";
import { More } from "~/ui/more";
import { Panel } from "~/ui/panel";
import { Moment } from "~/ui/since";
import { ChangeList } from "./change-list";
import styles from "./configuration.module.css";
import { RollbackDialog } from "./rollback-dialog";

export function Revisions({ onCompare }: { readonly onCompare: (base: number) => void }) {
  const { t } = useSpeech();
  const [back, setBack] = useState<number | null>(null);
  const query = useInfiniteQuery(revisionsQuery(useApi()));
  const revisions = allItems(query.data);
  const newest = revisions[0]?.number;
  return (
    <>
      <Fault error={query.error} />
      {query.isPending && <Loading />}
      {query.data && (
        <Panel flush>
          {revisions.length === 0 && <Empty title={t("configuration.emptyTitle")} />}
          <ol className={styles.revisions}>
            {revisions.map((revision) => (
              <li key={revision.number}>
                <RevisionItem
                  revision={revision}
                  newest={revision.number === newest}
                  onCompare={() => onCompare(revision.number)}
                  onRollback={() => setBack(revision.number)}
                />
              </li>
            ))}
          </ol>
          <More query={query} />
        </Panel>
      )}
      {back !== null && <RollbackDialog number={back} onClose={() => setBack(null)} />}
    </>
  );
}

interface RevisionItemProps {
  readonly revision: Revision;
  readonly newest: boolean;
  readonly onCompare: () => void;
  readonly onRollback: () => void;
}

function RevisionItem({ revision, newest, onCompare, onRollback }: RevisionItemProps) {
  const { t } = useSpeech();
  const { may } = useMay();
  const { number, reason, author, at, source, via, changes } = revision;
  return (
    <article className={styles.revision} aria-label={t("configuration.revisionOf", { number })}>
      <span className={styles.number}>{number}</span>
      <div className={styles.words}>
        <p className={styles.reason}>{reason || <em>{t("configuration.noReason")}</em>}</p>
        <p className={styles.faint}>
          {author} · <Moment at={at} /> <Badge>{t(`configuration.source_${source}`)}</Badge>{" "}
          {via && <Badge>{via}</Badge>}
        </p>
        {changes.length > 0 && (
          <details>
            <summary>
              {t("configuration.changes")} ({changes.length})
            </summary>
            <ChangeList changes={changes} />
          </details>
        )}
      </div>
      {!newest && (
        <span className={styles.actions}>
          <Button small onClick={onCompare}>
            {t("configuration.compareWith")}
          </Button>
          {may("configuration:write") && (
            <Button small kind="danger" aria-label={t("configuration.rollbackTitle", { number })} onClick={onRollback}>
              {t("configuration.rollback")}
            </Button>
          )}
        </span>
      )}
    </article>
  );
}
