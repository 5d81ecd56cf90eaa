/** The rooms, grouped by the plane they belong to. */
import { Link, useLocation } from "wouter";
import { useSpeech } from "~/lib/i18n/context";
import type { Key } from "~/lib/i18n/translate";
import { Icon, type IconName } from "~/ui/icon";
import styles from "./navigation.module.css";

interface Room {
  readonly path: string;
  readonly icon: IconName;
  readonly label: Extract<Key, `shell.${string}`>;
}

const PLANES: readonly {
  readonly label: Extract<Key, `shell.plane${string}`> | null;
  readonly rooms: readonly Room[];
}[] = [
  {
    label: null,
    rooms: [
      { path: "/", icon: "overview", label: "shell.overview" },
      { path: "/playground", icon: "playground", label: "shell.playground" },
    ],
  },
  {
    label: "shell.planeTraffic",
    rooms: [{ path: "/deployments", icon: "deployments", label: "shell.deployments" }],
  },
  {
    label: "shell.planeLife",
    rooms: [
      { path: "/models", icon: "models", label: "shell.models" },
      { path: "/training", icon: "training", label: "shell.training" },
    ],
  },
  {
    label: "shell.planeHouse",
    rooms: [
      { path: "/keys", icon: "keys", label: "shell.keys" },
      { path: "/jobs", icon: "jobs", label: "shell.jobs" },
      { path: "/logs", icon: "logs", label: "shell.logs" },
    ],
  },
];

export function Navigation() {
  const { t } = useSpeech();
  return (
    <nav className={styles.nav} aria-label={t("shell.navigation")}>
      {PLANES.map(({ label, rooms }) => (
        <div key={label} className={styles.plane}>
          {label && <p className={styles.label}>{words(t, label)}</p>}
          <ul className={styles.rooms}>
            {rooms.map((room) => (
              <li key={room.path}>
                <RoomLink room={room} />
              </li>
            ))}
          </ul>
        </div>
      ))}
      <a className={styles.room} href="/docs">
        <Icon name="docs" />
        {t("shell.apiDocs")}
      </a>
    </nav>
  );
}

function RoomLink({ room }: { readonly room: Room }) {
  const { t } = useSpeech();
  const [path] = useLocation();
  const here = room.path === "/" ? path === "/" : path === room.path || path.startsWith(`${room.path}/`);
  return (
    <Link href={room.path} className={styles.room ?? ""} aria-current={here ? "page" : undefined}>
      <Icon name={room.icon} />
      {words(t, room.label)}
    </Link>
  );
}

type Plain = Extract<Key, `shell.${string}`>;

/** Names of rooms and planes have no places to fill. */
function words(t: ReturnType<typeof useSpeech>["t"], key: Plain): string {
  return (t as (key: Plain) => string)(key);
}
