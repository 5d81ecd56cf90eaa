/** Come in with a password, and with a second factor where there is one; the secret of the session stays in a cookie. */
import { type FormEvent, useState } from "react";
import { useApi } from "~/api/context";
import { type SignIn as SignInBody, signIn } from "~/api/door";
import { ApiError } from "~/lib/error";
import { useSpeech } from "~/lib/i18n/context";
import type { Session } from "~/lib/session";
import { Alert, Fault } from "~/ui/alert";
import { Button } from "~/ui/button";
import { TextField } from "~/ui/field";
import styles from "./sign-in.module.css";

export function PasswordForm({ session }: { readonly session: Session }) {
  const { t } = useSpeech();
  const door = usePasswordDoor(session);
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const [tenant, setTenant] = useState("");
  const submitted = (event: FormEvent) => {
    event.preventDefault();
    void door.submit({
      email: email.trim(),
      password,
      ...(code.trim() !== "" && { code: code.trim() }),
      ...(tenant.trim() !== "" && { tenant: tenant.trim() }),
    });
  };
  return (
    <form className={styles.form} onSubmit={submitted}>
      {door.second ? (
        <>
          <Alert tone="accent">{t("session.codeLead")}</Alert>
          <TextField
            key="code"
            label={t("session.code")}
            hint={t("session.codeHint")}
            name="code"
            autoComplete="one-time-code"
            spellCheck={false}
            autoFocus
            required
            value={code}
            onChange={(event) => setCode(event.target.value)}
          />
        </>
      ) : (
        <>
          <TextField
            label={t("session.email")}
            type="email"
            name="email"
            autoComplete="username"
            autoFocus
            required
            value={email}
            onChange={(event) => setEmail(event.target.value)}
          />
          <TextField
            label={t("session.password")}
            type="password"
            name="password"
            autoComplete="current-password"
            required
            value={password}
            onChange={(event) => setPassword(event.target.value)}
          />
          {door.several && (
            <TextField
              label={t("session.tenant")}
              hint={t("session.tenantHint")}
              name="tenant"
              spellCheck={false}
              autoFocus
              required
              value={tenant}
              onChange={(event) => setTenant(event.target.value)}
            />
          )}
        </>
      )}
      <Refusal error={door.error} />
      <Button type="submit" kind="primary" busy={door.busy}>
        {t("session.signIn")}
      </Button>
      {door.second && (
        <Button kind="bare" onClick={door.again}>
          {t("session.back")}
        </Button>
      )}
    </form>
  );
}

function Refusal({ error }: { readonly error: unknown }) {
  const { t } = useSpeech();
  const status = error instanceof ApiError ? error.status : 0;
  if (status === 401) return <Alert tone="bad">{t("session.wrong")}</Alert>;
  if (isAmbiguous(error)) return <Alert tone="accent">{t("session.several")}</Alert>;
  if (status === 429) return <Alert tone="bad">{t("session.tooMany")}</Alert>;
  return <Fault error={error} />;
}

/** Several tenants have this address and password: the house asks which is meant. */
const isAmbiguous = (error: unknown) => error instanceof ApiError && error.status === 409;

/** The house says whether a second factor is needed; the password is asked for once. */
function usePasswordDoor(session: Session) {
  const api = useApi();
  const [busy, setBusy] = useState(false);
  const [second, setSecond] = useState(false);
  const [several, setSeveral] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const submit = async (body: SignInBody) => {
    setBusy(true);
    setError(null);
    try {
      const reply = await signIn(api, body);
      if (reply.second_factor) setSecond(true);
      else session.enter();
    } catch (caught) {
      if (isAmbiguous(caught)) setSeveral(true);
      setError(caught);
    } finally {
      setBusy(false);
    }
  };
  const again = () => {
    setSecond(false);
    setError(null);
  };
  return { submit, busy, second, several, error, again };
}
