/** The menu: the pages that one may see, grouped by the plane they belong to. */
import { Link, useLocation } from "wouter";
import { useMay } from "~/features/shared/may";
import { useSpeech } from "~/lib/i18n/context";
import { Icon } from "~/ui/icon";
import styles from "./navigation.module.css";
import { GROUPS, type Group, PAGES, type PageEntry } from "./table";

const HEADINGS = {
  top: null,
  traffic: "shell.planeTraffic",
  life: "shell.planeLife",
  house: "shell.planeHouse",
} as const satisfies Readonly<Record<Group, string | null>>;

export function Navigation() {
  const { t } = useSpeech();
  const { may } = useMay();
  const open = PAGES.filter(({ permission }) => permission === null || may(permission));
  return (
    <nav className={styles.nav} aria-label={t("shell.navigation")}>
      {GROUPS.map((group) => (
        <Plane key={group} group={group} pages={open.filter(({ menu }) => menu?.group === group)} />
      ))}
      <a className={styles.room} href="/docs">
        <Icon name="docs" />
        {t("shell.apiDocs")}
      </a>
    </nav>
  );
}

function Plane({ group, pages }: { readonly group: Group; readonly pages: readonly PageEntry[] }) {
  const { t } = useSpeech();
  const heading = HEADINGS[group];
  if (pages.length === 0) return null;
  return (
    <div className={styles.plane}>
      {heading && <p className={styles.label}>{t(heading)}</p>}
      <ul className={styles.rooms}>
        {pages.map((page) => (
          <li key={page.path}>
            <PageLink page={page} />
          </li>
        ))}
      </ul>
    </div>
  );
}

function PageLink({ page: { path, label, menu } }: { readonly page: PageEntry }) {
  const { t } = useSpeech();
  const [at] = useLocation();
  const here = path === "/" ? at === "/" : at === path || at.startsWith(`${path}/`);
  return (
    <Link href={path} className={styles.room ?? ""} aria-current={here ? "page" : undefined}>
      {menu && <Icon name={menu.icon} />}
      {t(label)}
    </Link>
  );
}
