/** A new key's secret, the only time that it is shown, and how to use it at once. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "wouter";
import { useApi } from "~/api/context";
import { modelNamesQuery } from "~/api/inference-queries";
import { CallSnippet } from "~/features/shared/call-snippet";
import { useCurrency } from "~/features/shared/use-currency";
import { useSpeech } from "~/lib/i18n/context";
import { Alert, Fault } from "~/ui/alert";
import { Button } from "~/ui/button";
import { CopyButton } from "~/ui/copy";
import { TextField } from "~/ui/field";
import styles from "./keys.module.css";
import type { MadeKey } from "./use-make-key";

interface SecretProps {
  readonly made: MadeKey;
  readonly onClose: () => void;
}

export function Secret({ made, onClose }: SecretProps) {
  const { t, format } = useSpeech();
  const currency = useCurrency();
  const { created, budget, fault } = made;
  return (
    <div className={styles.secret}>
      <Alert tone="busy">{t("keys.once")}</Alert>
      <TextField label={t("keys.secret")} readOnly value={created.secret} onFocus={(event) => event.target.select()} />
      {budget && <Alert tone="ok">{t("keys.budgetSet", { amount: format.money(budget.amount, currency) })}</Alert>}
      {fault !== null && (
        <>
          <Alert tone="bad">{t("keys.budgetFailed")}</Alert>
          <Fault error={fault} />
        </>
      )}
      {created.key.scopes.includes("inference") && <Usage made={made} />}
      <div className={styles.foot}>
        <CopyButton text={created.secret} />
        <Button kind="primary" onClick={onClose}>
          {t("common.close")}
        </Button>
      </div>
    </div>
  );
}

function Usage({ made }: Pick<SecretProps, "made">) {
  const { t } = useSpeech();
  const { key, secret } = made.created;
  const models = useQuery(modelNamesQuery(useApi(), "chat"));
  const model = models.data?.find((name) => key.models.some((pattern) => matches(pattern, name)));
  return (
    <details className={styles.owned}>
      <summary>{t("keys.call")}</summary>
      <p>{t("keys.callLead")}</p>
      <CallSnippet model={model ?? "tulou-demo"} secret={secret} />
      <p>
        <Link href={`/usage?span=today&key=${encodeURIComponent(key.id)}`}>{t("keys.watch")}</Link>
      </p>
    </details>
  );
}

/** As the house does it: `*` stands for anything. */
function matches(pattern: string, name: string): boolean {
  const literal = pattern.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${literal.join(".*")}$`).test(name);
}
