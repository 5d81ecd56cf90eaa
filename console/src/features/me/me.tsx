/** One's own page: who one is to this house, and how one proves it. */
import { useSession } from "~/api/context";
import type { Me } from "~/api/me";
import { useMay } from "~/features/shared/may";
import { useSpeech } from "~/lib/i18n/context";
import { Badge } from "~/ui/badge";
import { Loading } from "~/ui/empty";
import { Facts } from "~/ui/facts";
import { Page } from "~/ui/page";
import { Panel } from "~/ui/panel";
import styles from "./me.module.css";
import { OwnSessions } from "./own-sessions";
import { PasswordPanel } from "./password-panel";
import { SecondFactorPanel } from "./second-factor-panel";

export default function You() {
  const { t } = useSpeech();
  const { me } = useMay();
  const { session } = useSession();
  return (
    <Page title={me?.title || me?.principal || t("me.title")} lead={t("me.lead")}>
      {me === undefined && <Loading />}
      {me && <Who me={me} />}
      {session.way === "key" && <p className={styles.lead}>{t("me.byKey")}</p>}
      {me && session.way === "cookie" && (
        <>
          <div className={styles.proofs}>
            <PasswordPanel me={me} />
            <SecondFactorPanel me={me} />
          </div>
          <OwnSessions here={me.session} />
        </>
      )}
    </Page>
  );
}

function Who({ me }: { readonly me: Me }) {
  const { t } = useSpeech();
  const badges = (words: readonly string[]) => (
    <span className={styles.badges}>
      {words.map((word) => (
        <Badge key={word}>{word}</Badge>
      ))}
    </span>
  );
  return (
    <Panel>
      <Facts
        items={[
          [t("me.tenant"), `${me.tenant} / ${me.principal}`],
          ...(me.email ? [[t("session.email"), me.email] as const] : []),
          [t("me.roles"), me.roles.length > 0 ? badges(me.roles) : t("people.noRoles")],
          [t("me.reach"), t(me.house ? "me.reachHouse" : "me.reachTenant")],
        ]}
      />
      <details className={styles.more}>
        <summary>{t("me.permissions")}</summary>
        {badges(me.permissions)}
      </details>
    </Panel>
  );
}
