/** Speak with the models of the house. */
import { useState } from "react";
import { useSpeech } from "~/lib/i18n/context";
import { Page } from "~/ui/page";
import { Tabs } from "~/ui/tabs";
import { Chat } from "./chat";
import { Embeddings } from "./embeddings";

type Tab = "chat" | "embeddings";

export default function Playground() {
  const { t } = useSpeech();
  const [tab, setTab] = useState<Tab>("chat");
  return (
    <Page title={t("playground.title")} lead={t("playground.lead")}>
      <Tabs<Tab>
        label={t("playground.title")}
        tabs={[
          { value: "chat", label: t("playground.chat") },
          { value: "embeddings", label: t("playground.embeddings") },
        ]}
        value={tab}
        onChange={setTab}
      >
        {tab === "chat" ? <Chat /> : <Embeddings />}
      </Tabs>
    </Page>
  );
}
