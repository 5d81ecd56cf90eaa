/** Come in with a key: it is tried before it is kept. */
import { type FormEvent, useState } from "react";
import { dataOf } from "~/api/client";
import { useApi } from "~/api/context";
import { ApiError } from "~/lib/error";
import { useSpeech } from "~/lib/i18n/context";
import type { Session } from "~/lib/session";
import { Alert, Fault } from "~/ui/alert";
import { Button } from "~/ui/button";
import { TextField } from "~/ui/field";
import styles from "./sign-in.module.css";

export function KeyForm({ session }: { readonly session: Session }) {
  const { t } = useSpeech();
  const { submit, busy, error } = useDoor(session);
  const [key, setKey] = useState("");
  const submitted = (event: FormEvent) => {
    event.preventDefault();
    void submit(key.trim());
  };
  return (
    <form className={styles.form} onSubmit={submitted}>
      <TextField
        label={t("session.key")}
        hint={t("session.hint")}
        type="password"
        name="key"
        autoComplete="current-password"
        spellCheck={false}
        autoFocus
        required
        value={key}
        onChange={(event) => setKey(event.target.value)}
      />
      {error && known(error) ? (
        <Alert tone="bad">{t(`session.${known(error) ?? "unknown"}`)}</Alert>
      ) : (
        <Fault error={error} />
      )}
      <Button type="submit" kind="primary" busy={busy}>
        {t("session.signIn")}
      </Button>
    </form>
  );
}

function known(error: unknown): "unknown" | "notAdmin" | null {
  if (!(error instanceof ApiError)) return null;
  return ({ 401: "unknown", 403: "notAdmin" } as const)[error.status] ?? null;
}

/** Ask who the key is; only one that may use the admin API begins a session. */
function useDoor(session: Session) {
  const api = useApi();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const submit = async (key: string) => {
    setBusy(true);
    setError(null);
    try {
      const me = await dataOf(api.GET("/api/v1/me", { headers: { Authorization: `Bearer ${key}` } }));
      if (!me.scopes.includes("admin")) throw new ApiError("no admin scope", "forbidden", 403);
      session.begin(key);
    } catch (caught) {
      setError(caught);
    } finally {
      setBusy(false);
    }
  };
  return { submit, busy, error };
}
