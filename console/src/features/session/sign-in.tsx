/** The door: a person comes in with a password or by a provider, a program's owner with a key. */
import { useEffect, useState } from "react";
import { useApi, useSession } from "~/api/context";
import { federatedPath, type IdentityProviders, providersOf } from "~/api/door";
import { useSpeech } from "~/lib/i18n/context";
import type { Session } from "~/lib/session";
import { useTitle } from "~/lib/use-title";
import { Alert } from "~/ui/alert";
import { Button } from "~/ui/button";
import { Mark } from "~/ui/mark";
import { KeyForm } from "./key-form";
import { PasswordForm } from "./password-form";
import { LanguageChoice, ThemeChoice } from "./preferences";
import styles from "./sign-in.module.css";

export function SignIn() {
  const { t } = useSpeech();
  const { session } = useSession();
  useTitle(t("session.signIn"));
  return (
    <main className={styles.door}>
      <section className={styles.sheet} aria-labelledby="welcome">
        <span className={styles.mark}>
          <Mark size={72} />
        </span>
        <div>
          <h1 id="welcome" className={styles.title}>
            {t("session.title")}
          </h1>
          <p className={styles.lead}>{t("session.lead")}</p>
        </div>
        <Ways session={session} />
        <footer className={styles.choices}>
          <ThemeChoice />
          <LanguageChoice />
        </footer>
      </section>
    </main>
  );
}

/** A house that does not say how people come in (an older one, or one that is starting) still takes keys. */
function Ways({ session }: { readonly session: Session }) {
  const { t } = useSpeech();
  const providers = useProviders();
  // Whoever came with a key comes again with one.
  const [byKey, setByKey] = useState(session.ending !== null && session.last === "key");
  const [failed] = useState(takeFailure);
  if (providers === undefined) return null;
  const passwords = providers?.passwords ?? false;
  const items = providers?.items ?? [];
  const keyOnly = !passwords && items.length === 0;
  return (
    <>
      {failed && <Alert tone="bad">{failed}</Alert>}
      {session.ending === "refused" && (
        <Alert tone="busy">{t(session.last === "key" ? "session.refused" : "session.over")}</Alert>
      )}
      {(byKey || keyOnly) && <KeyForm session={session} />}
      {!byKey && passwords && <PasswordForm session={session} />}
      {!byKey && items.length > 0 && <Providers items={items} divided={passwords} />}
      {!keyOnly && (
        <Button kind="bare" icon={byKey ? "person" : "keys"} onClick={() => setByKey(!byKey)}>
          {t(byKey ? "session.usePassword" : "session.useKey")}
        </Button>
      )}
    </>
  );
}

interface ProvidersProps {
  readonly items: IdentityProviders["items"];
  readonly divided: boolean;
}

function Providers({ items, divided }: ProvidersProps) {
  const { t } = useSpeech();
  const here = location.pathname + location.search;
  return (
    <div className={styles.providers}>
      {divided && <p className={styles.or}>{t("session.or")}</p>}
      {items.map(({ name, title }) => (
        <a key={name} className={styles.provider} href={federatedPath(name, here)}>
          {t("session.with", { title: title || name })}
        </a>
      ))}
    </div>
  );
}

/** Why a provider's word was not taken, as the house put it into the address; it is taken out of there. */
function takeFailure(): string | null {
  const search = new URLSearchParams(location.search);
  const why = search.get("sign_in_error");
  if (why !== null) history.replaceState(null, "", location.pathname);
  return why;
}

/** Undefined while it is asked for, null where the house does not say. */
function useProviders(): IdentityProviders | null | undefined {
  const api = useApi();
  const [providers, setProviders] = useState<IdentityProviders | null>();
  useEffect(() => {
    const controller = new AbortController();
    providersOf(api, controller.signal)
      .then(setProviders)
      .catch(() => controller.signal.aborted || setProviders(null));
    return () => controller.abort();
  }, [api]);
  return providers;
}
