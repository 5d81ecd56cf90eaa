/** Shows how to do from a program what was just done by hand. */
import { useState } from "react";
import type { ChatRequest } from "~/api/inference";
import { useSpeech } from "~/lib/i18n/context";
import { CodeBlock } from "~/ui/code-block";
import { Dialog } from "~/ui/dialog";
import { Tabs } from "~/ui/tabs";
import { curlOf, pythonOf } from "./snippets";
import styles from "./snippets-dialog.module.css";

interface SnippetsDialogProps {
  readonly request: ChatRequest;
  readonly onClose: () => void;
}

type Tool = "curl" | "openai";

export function SnippetsDialog({ request, onClose }: SnippetsDialogProps) {
  const { t } = useSpeech();
  const [tool, setTool] = useState<Tool>("curl");
  const code = (tool === "curl" ? curlOf : pythonOf)(location.origin, request);
  return (
    <Dialog title={t("playground.code")} onClose={onClose}>
      <div className={styles.snippets}>
        <p>{t("playground.codeLead")}</p>
        <Tabs<Tool>
          label={t("playground.code")}
          tabs={[
            { value: "curl", label: "curl" },
            { value: "openai", label: "openai (Python)" },
          ]}
          value={tool}
          onChange={setTool}
        >
          <CodeBlock code={code} label={tool} />
        </Tabs>
      </div>
    </Dialog>
  );
}
