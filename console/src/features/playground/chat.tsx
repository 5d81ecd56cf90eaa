/** A conversation with one model, and what is asked of it. */
import { useState } from "react";
import { Link } from "wouter";
import { useSpeech } from "~/lib/i18n/context";
import { Fault } from "~/ui/alert";
import { Button } from "~/ui/button";
import { Empty, Loading } from "~/ui/empty";
import { SelectField } from "~/ui/field";
import { Panel } from "~/ui/panel";
import styles from "./chat.module.css";
import { Composer } from "./composer";
import { ParameterFields } from "./parameter-fields";
import { DEFAULTS, requestOf } from "./parameters";
import { SnippetsDialog } from "./snippets-dialog";
import { Transcript } from "./transcript";
import { messagesOf } from "./turns";
import { useChat } from "./use-chat";
import { useModelNames } from "./use-model-names";

export function Chat() {
  const { t } = useSpeech();
  const models = useModelNames("chat");
  if (models.error) return <Fault error={models.error} />;
  if (models.loading) return <Loading />;
  if (models.names.length > 0) return <Room models={models} />;
  return (
    <Empty title={t("playground.noModels")}>
      <p>{t("playground.noModelsLead")}</p>
      <Link href="/deployments">{t("shell.deployments")}</Link>
    </Empty>
  );
}

function Room({ models }: { readonly models: ReturnType<typeof useModelNames> }) {
  const { t } = useSpeech();
  const [parameters, setParameters] = useState(DEFAULTS);
  const [draft, setDraft] = useState("");
  const [coding, setCoding] = useState(false);
  const chat = useChat(models.chosen, parameters);
  return (
    <div className={styles.room}>
      <section className={styles.talk} aria-label={t("playground.conversation")}>
        <Transcript turns={chat.turns} />
        <Composer
          draft={draft}
          onDraft={setDraft}
          streaming={chat.streaming}
          onStop={chat.stop}
          onSend={() => {
            setDraft("");
            void chat.ask(draft.trim());
          }}
        />
      </section>
      <Panel title={t("playground.parameters")}>
        <div className={styles.side}>
          <SelectField
            label={t("common.model")}
            value={models.chosen}
            onChange={(event) => models.choose(event.target.value)}
          >
            {models.names.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </SelectField>
          <ParameterFields value={parameters} onChange={setParameters} />
          <div className={styles.buttons}>
            <Button icon="code" onClick={() => setCoding(true)}>
              {t("playground.code")}
            </Button>
            <Button kind="bare" disabled={chat.turns.length === 0} onClick={chat.clear}>
              {t("playground.clear")}
            </Button>
          </div>
        </div>
      </Panel>
      {coding && (
        <SnippetsDialog
          request={requestOf(models.chosen, parameters, messagesOf([], draft || (chat.turns.at(-1)?.question ?? "")))}
          onClose={() => setCoding(false)}
        />
      )}
    </div>
  );
}
