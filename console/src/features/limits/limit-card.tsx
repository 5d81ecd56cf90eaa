/** A limit: what it means, and how it stands for each of those it holds for. */
import { useState } from "react";
import type { Limit, Standing, StandingState } from "~/api/limits";
import { StandingBadge, StandingMeter } from "~/features/shared/standing-meter";
import { useCurrency } from "~/features/shared/use-currency";
import { useKeyNames } from "~/features/shared/use-names";
import { useSpeech } from "~/lib/i18n/context";
import { Button, IconButton } from "~/ui/button";
import styles from "./limits.module.css";
import { meaningOf } from "./sentence";

interface LimitCardProps {
  readonly limit: Limit;
  readonly standings: readonly Standing[];
  readonly onEdit?: () => void;
  readonly onDelete?: () => void;
}

/** The fullest come first; the others show when asked for. */
const AT_FIRST = 4;

export function LimitCard({ limit, standings, onEdit, onDelete }: LimitCardProps) {
  const { t, format } = useSpeech();
  const currency = useCurrency();
  const named = useKeyNames();
  const nameOf = (subject: string) => (limit.scope === "key" ? named(subject) : subject);
  const [most, setMost] = useState(AT_FIRST);
  const ranked = standings.toSorted((a, b) => b.used + b.held - (a.used + a.held));
  return (
    <article className={styles.card} aria-label={limit.name}>
      <header className={styles.head}>
        <div className={styles.words}>
          <h2 className={styles.name}>{limit.name}</h2>
          {standings.length > 0 && <StandingBadge state={worst(standings)} />}
        </div>
        <span className={styles.tools}>
          {onEdit && <IconButton icon="edit" label={t("limits.editTitle", { name: limit.name })} onClick={onEdit} />}
          {onDelete && (
            <IconButton icon="trash" label={t("limits.deleteTitle", { name: limit.name })} onClick={onDelete} />
          )}
        </span>
      </header>
      <p className={styles.meaning}>
        {meaningOf({ ...limit, subject: nameOf(limit.subject) }, t, format, currency)[0]}
      </p>
      {standings.length === 0 && <p className={styles.faint}>{t("limits.quiet")}</p>}
      <ul className={styles.subjects}>
        {ranked.slice(0, most).map((standing) => (
          <li key={standing.subject}>
            {limit.subject === "" && limit.scope !== "house" && (
              <p className={styles.subject} title={standing.subject}>
                {nameOf(standing.subject)}
              </p>
            )}
            <StandingMeter standing={standing} />
          </li>
        ))}
      </ul>
      {ranked.length > most && (
        <Button small kind="bare" onClick={() => setMost(most * 4)}>
          {t("common.more")} ({ranked.length - most})
        </Button>
      )}
    </article>
  );
}

function worst(standings: readonly Standing[]): StandingState {
  const states = standings.map(({ state }) => state);
  return states.includes("reached") ? "reached" : states.includes("warning") ? "warning" : "ok";
}
