/** What was said; answers are read out once they are whole, so that a screen reader is not flooded by chunks. */
import { useEffect, useRef } from "react";
import { useSpeech } from "~/lib/i18n/context";
import { Fault } from "~/ui/alert";
import { CopyIcon } from "~/ui/copy";
import { Empty } from "~/ui/empty";
import { Mark } from "~/ui/mark";
import { Markdown } from "~/ui/markdown";
import styles from "./transcript.module.css";
import { type Answer, type Turn, timingOf } from "./turns";

/** How near to the end one must be, in pixels, to be carried along with it. */
const NEAR = 80;

export function Transcript({ turns }: { readonly turns: readonly Turn[] }) {
  const { t } = useSpeech();
  const ref = useStickyEnd(turns);
  const last = turns.at(-1)?.answer;
  return (
    <div
      ref={ref}
      className={styles.transcript}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: scrollable regions need focus to be scrolled by keys
      tabIndex={0}
      role="log"
      aria-live="off"
      aria-label={t("playground.conversation")}
    >
      {turns.length === 0 && (
        <div className={styles.empty}>
          <Empty title={t("playground.emptyTitle")}>{t("playground.emptyLead")}</Empty>
        </div>
      )}
      {turns.map((turn) => (
        <article key={turn.id} className={styles.turn}>
          <div className={styles.question}>
            <h3 className="unseen">{t("playground.user")}</h3>
            {turn.question}
          </div>
          <AnswerView answer={turn.answer} />
        </article>
      ))}
      <p className="unseen" aria-live="polite">
        {last &&
          (last.outcome === "streaming" ? t("playground.answering") : `${t("playground.answered")}. ${last.text}`)}
      </p>
    </div>
  );
}

function AnswerView({ answer }: { readonly answer: Answer }) {
  const { t } = useSpeech();
  return (
    <div className={styles.answer} data-outcome={answer.outcome}>
      <span className={styles.mark}>
        <Mark size={22} />
      </span>
      <div className={styles.words}>
        <h3 className="unseen">{t("playground.assistant")}</h3>
        {answer.text ? (
          <Markdown text={answer.text} />
        ) : (
          answer.outcome === "streaming" && <span className={styles.waiting} />
        )}
        <Fault error={answer.error} />
        <Footer answer={answer} />
      </div>
    </div>
  );
}

function Footer({ answer }: { readonly answer: Answer }) {
  const { t, format } = useSpeech();
  const timing = timingOf(answer);
  const note = { cut: t("playground.cutOff"), stopped: t("playground.stopped") }[answer.outcome as string];
  if (!timing && !note) return null;
  return (
    <p className={styles.footer}>
      {timing?.tokensPerSecond && (
        <span>
          <b>{format.rate(timing.tokensPerSecond)}</b> {t("playground.tokensPerSecond")}
        </span>
      )}
      {timing && (
        <>
          <span>
            <b>{format.milliseconds(timing.firstTokenMs)}</b> {t("playground.firstToken")}
          </span>
          <span>
            <b>{format.count(timing.tokens)}</b> {t("playground.tokens")}
          </span>
        </>
      )}
      {note && <span>{note}</span>}
      {answer.outcome !== "streaming" && <CopyIcon text={answer.text} label={t("common.copy")} />}
    </p>
  );
}

/** Stay at the end while it grows, unless the reader has scrolled away from it. */
function useStickyEnd(turns: readonly Turn[]) {
  const ref = useRef<HTMLDivElement>(null);
  const asked = useRef(0);
  useEffect(() => {
    const box = ref.current;
    if (!box) return;
    const isNew = turns.length !== asked.current;
    asked.current = turns.length;
    if (isNew || box.scrollHeight - box.scrollTop - box.clientHeight < NEAR) box.scrollTop = box.scrollHeight;
  }, [turns]);
  return ref;
}
