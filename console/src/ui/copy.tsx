/** Copy a text to the clipboard and say that it was done; on plain HTTP, where browsers refuse, by selecting it. */
import { useEffect, useState } from "react";
import { useSpeech } from "~/lib/i18n/context";
import { Button, IconButton } from "./button";

interface CopyProps {
  readonly text: string;
  readonly label?: string;
}

export function CopyButton({ text, label }: CopyProps) {
  const { t } = useSpeech();
  const [copied, copy] = useCopy(text);
  return (
    <Button small icon={copied ? "check" : "copy"} onClick={copy}>
      <span aria-live="polite">{copied ? t("common.copied") : (label ?? t("common.copy"))}</span>
    </Button>
  );
}

export function CopyIcon({ text, label }: Required<CopyProps>) {
  const { t } = useSpeech();
  const [copied, copy] = useCopy(text);
  return <IconButton icon={copied ? "check" : "copy"} label={copied ? t("common.copied") : label} onClick={copy} />;
}

function useCopy(text: string): [boolean, () => void] {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 2000);
    return () => clearTimeout(timer);
  }, [copied]);
  return [copied, () => void write(text).then(() => setCopied(true))];
}

async function write(text: string): Promise<void> {
  // `clipboard` exists only on HTTPS and localhost; a house on a LAN address has the old way alone.
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = document.createElement("textarea");
  area.value = text;
  (document.querySelector("dialog[open]") ?? document.body).append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}
