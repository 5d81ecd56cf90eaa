/** Where the next message is written. */
import type { FormEvent, KeyboardEvent } from "react";
import { useSpeech } from "~/lib/i18n/context";
import { Button } from "~/ui/button";
import styles from "./composer.module.css";

interface ComposerProps {
  readonly draft: string;
  readonly streaming: boolean;
  readonly onDraft: (draft: string) => void;
  readonly onSend: () => void;
  readonly onStop: () => void;
}

export function Composer({ draft, streaming, onDraft, onSend, onStop }: ComposerProps) {
  const { t } = useSpeech();
  const ready = draft.trim() !== "" && !streaming;
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (ready) onSend();
  };
  const pressed = (event: KeyboardEvent) => {
    // While an input method composes (Chinese, Japanese), Enter chooses a word and must not send.
    if (event.key === "Enter" && !event.shiftKey && !event.nativeEvent.isComposing) send(event);
  };
  return (
    <form className={styles.composer} onSubmit={send}>
      <textarea
        aria-label={t("playground.message")}
        placeholder={t("playground.messagePlaceholder")}
        title={t("playground.sendHint")}
        rows={2}
        value={draft}
        onChange={(event) => onDraft(event.target.value)}
        onKeyDown={pressed}
      />
      {streaming ? (
        <Button icon="stop" onClick={onStop}>
          {t("playground.stop")}
        </Button>
      ) : (
        <Button type="submit" kind="primary" icon="send" disabled={!ready}>
          {t("playground.send")}
        </Button>
      )}
    </form>
  );
}
