/** The frame: the way from room to room on one side, the room on the other. */
import { useMutation, useQuery } from "@tanstack/react-query";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { Link, useLocation } from "wouter";
import { useApi, useSession } from "~/api/context";
import { leave } from "~/api/door";
import { meQuery } from "~/api/me";
import { LanguageChoice, ThemeChoice } from "~/features/session/preferences";
import { classNames } from "~/lib/class-names";
import { useSpeech } from "~/lib/i18n/context";
import { Fault } from "~/ui/alert";
import { IconButton } from "~/ui/button";
import { Icon } from "~/ui/icon";
import { Mark } from "~/ui/mark";
import { Navigation } from "./navigation";
import styles from "./shell.module.css";

export function Shell({ children }: { readonly children: ReactNode }) {
  const { t } = useSpeech();
  const [path] = useLocation();
  const [open, setOpen] = useState(false);
  const main = useRef<HTMLElement>(null);
  const arrived = useRef(path);
  useEffect(() => {
    if (arrived.current === path) return;
    arrived.current = path;
    setOpen(false);
    window.scrollTo(0, 0);
    // A page that changes without loading says so to a screen reader only if the focus goes there.
    main.current?.focus({ preventScroll: true });
  }, [path]);
  return (
    <div className={styles.shell}>
      <a className={styles.skip} href="#content">
        {t("shell.skip")}
      </a>
      <header className={styles.bar}>
        <Link href="/" className={styles.brand}>
          <Mark size={30} />
          <span>
            Tulou <span lang="zh-CN">土楼</span>
          </span>
        </Link>
        <span className={styles.toggle}>
          <IconButton
            icon={open ? "close" : "more"}
            label={t("shell.menu")}
            aria-expanded={open}
            aria-controls="side"
            onClick={() => setOpen(!open)}
          />
        </span>
      </header>
      <div id="side" className={classNames(styles.side, open && styles.open)}>
        <Navigation />
        <Account />
      </div>
      <main ref={main} id="content" className={styles.main} tabIndex={-1}>
        {children}
      </main>
    </div>
  );
}

function Account() {
  const { t } = useSpeech();
  const api = useApi();
  const { session } = useSession();
  const { data: me } = useQuery(meQuery(api));
  const name = me ? `${me.title || me.principal} · ${me.tenant}` : "";
  const leaving = useMutation({ mutationFn: () => leave(api, session) });
  return (
    <footer className={styles.account}>
      <div className={styles.choices}>
        <ThemeChoice />
        <LanguageChoice />
      </div>
      <Fault error={leaving.error} />
      <div className={styles.who}>
        <Link href="/me" className={styles.principal ?? ""} aria-label={`${t("shell.you")}: ${name}`}>
          <Icon name="person" size={16} />
          <span className={styles.name}>{name}</span>
        </Link>
        <IconButton icon="leave" label={t("shell.signOut")} onClick={() => leaving.mutate()} />
      </div>
    </footer>
  );
}
