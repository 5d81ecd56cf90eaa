/** A first call, as a command line and as a program, filled in with what is known. */
import { useState } from "react";
import { useSpeech } from "~/lib/i18n/context";
import { CodeBlock } from "~/ui/code-block";
import { Tabs } from "~/ui/tabs";
import { type Call, curlCall, pythonCall } from "./call";
import styles from "./call-snippet.module.css";

type Tool = "curl" | "openai";

export function CallSnippet({ model, secret }: Omit<Call, "origin">) {
  const { t } = useSpeech();
  const [tool, setTool] = useState<Tool>("curl");
  const call = { origin: location.origin, model, secret };
  return (
    <div className={styles.snippet}>
      <Tabs<Tool>
        label={t("start.code")}
        tabs={[
          { value: "curl", label: "curl" },
          { value: "openai", label: "openai (Python)" },
        ]}
        value={tool}
        onChange={setTool}
      >
        <CodeBlock code={tool === "curl" ? curlCall(call) : pythonCall(call)} label={tool} />
      </Tabs>
    </div>
  );
}
