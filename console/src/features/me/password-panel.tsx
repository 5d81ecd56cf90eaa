/** Change one's own password. */
import { type FormEvent, useState } from "react";
import { type Me, useChangePassword } from "~/api/me";
import { useSpeech } from "~/lib/i18n/context";
import { Alert, Fault } from "~/ui/alert";
import { Button } from "~/ui/button";
import { TextField } from "~/ui/field";
import { Panel } from "~/ui/panel";
import styles from "./me.module.css";

const SHORTEST = 12;

export function PasswordPanel({ me }: { readonly me: Me }) {
  const { t } = useSpeech();
  return (
    <Panel title={t("me.password")}>
      {me.has_password ? <PasswordForm email={me.email} /> : <p className={styles.lead}>{t("me.noPassword")}</p>}
    </Panel>
  );
}

function PasswordForm({ email }: { readonly email: string }) {
  const { t } = useSpeech();
  const change = useChangePassword();
  const [old, setOld] = useState("");
  const [fresh, setFresh] = useState("");
  const [again, setAgain] = useState("");
  const differ = again !== "" && fresh !== again;
  const submitted = (event: FormEvent) => {
    event.preventDefault();
    const done = () => [setOld, setFresh, setAgain].forEach((empty) => void empty(""));
    change.mutate({ old, password: fresh }, { onSuccess: done });
  };
  return (
    <form className={styles.form} onSubmit={submitted}>
      <p className={styles.lead}>{t("me.passwordLead")}</p>
      {/* Tells password keepers whose it is. */}
      <input className="unseen" type="email" autoComplete="username" value={email} readOnly tabIndex={-1} aria-hidden />
      <TextField
        label={t("me.old")}
        type="password"
        autoComplete="current-password"
        required
        value={old}
        onChange={(event) => setOld(event.target.value)}
      />
      <TextField
        label={t("me.fresh")}
        type="password"
        autoComplete="new-password"
        minLength={SHORTEST}
        required
        value={fresh}
        onChange={(event) => setFresh(event.target.value)}
      />
      <TextField
        label={t("me.again")}
        type="password"
        autoComplete="new-password"
        required
        value={again}
        {...(differ && { hint: t("me.differ"), "aria-invalid": true })}
        onChange={(event) => setAgain(event.target.value)}
      />
      {change.isSuccess && fresh === "" && <Alert tone="ok">{t("me.changed")}</Alert>}
      <Fault error={change.error} />
      <div>
        <Button type="submit" kind="primary" busy={change.isPending} disabled={differ || again === ""}>
          {t("me.change")}
        </Button>
      </div>
    </form>
  );
}
