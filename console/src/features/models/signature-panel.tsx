/** Who signed a version, and whether that still holds: every file is read again when asked. */
import { useVerify } from "~/api/models";
import type { Verification, Version } from "~/api/types";
import { Allowed } from "~/features/shared/allowed";
import { useSpeech } from "~/lib/i18n/context";
import { Alert, Fault } from "~/ui/alert";
import { Badge } from "~/ui/badge";
import { Button } from "~/ui/button";
import { Facts } from "~/ui/facts";
import { Panel } from "~/ui/panel";
import { Moment } from "~/ui/since";
import { Digest } from "./digest";
import styles from "./models.module.css";

export function SignaturePanel({ version }: { readonly version: Version }) {
  const { t } = useSpeech();
  const verify = useVerify(version.model);
  const { signature } = version;
  return (
    <Panel
      title={t("models.signature")}
      actions={
        <>
          {signature ? (
            <Badge tone="ok">{t("models.signed")}</Badge>
          ) : (
            <Badge tone="busy">{t("models.unsigned")}</Badge>
          )}
          <Allowed to="models:write">
            <Button small icon="shield" busy={verify.isPending} onClick={() => verify.mutate(version.number)}>
              {t("models.verify")}
            </Button>
          </Allowed>
        </>
      }
    >
      <div className={styles.stack}>
        <Facts
          items={[
            [t("models.digest"), <Digest key="digest" digest={version.digest} />],
            ...(signature
              ? ([
                  [t("keys.key"), <code key="key">{signature.key_id.slice(0, 16)}</code>],
                  [t("models.signed"), <Moment key="at" at={signature.signed_at} />],
                ] as const)
              : []),
          ]}
        />
        <Fault error={verify.error} />
        {verify.data && <Outcome verification={verify.data} />}
      </div>
    </Panel>
  );
}

function Outcome({ verification }: { readonly verification: Verification }) {
  const { t } = useSpeech();
  if (verification.valid) return <Alert tone="ok">{t("models.holds")}</Alert>;
  return (
    <Alert tone="bad">
      <p>{t("models.problems")}</p>
      <ul className={styles.problems}>
        {verification.problems.map((problem) => (
          <li key={problem}>{problem}</li>
        ))}
      </ul>
    </Alert>
  );
}
