/** The rooms, grouped by the plane they belong to. */
import { Link, useLocation } from "wouter";
import type { Permission } from "~/api/types";
import { useMay } from "~/features/may";
import { useSpeech } from "~/lib/i18n/context";
import type { Key } from "~/lib/i18n/translate";
import { Icon, type IconName } from "~/ui/icon";
import styles from "./navigation.module.css";

interface Room {
  readonly path: string;
  readonly icon: IconName;
  readonly label: Extract<Key, `shell.${string}`>;
  /** The permission without which the room is empty; none: everybody may look. */
  readonly needs?: Permission;
}

interface Plane {
  readonly label: Extract<Key, `shell.plane${string}`> | null;
  readonly rooms: readonly Room[];
}

const PLANES: readonly Plane[] = [
  {
    label: null,
    rooms: [
      { path: "/", icon: "overview", label: "shell.overview" },
      { path: "/playground", icon: "playground", label: "shell.playground" },
      { path: "/usage", icon: "usage", label: "shell.usage", needs: "usage:read" },
    ],
  },
  {
    label: "shell.planeTraffic",
    rooms: [
      { path: "/deployments", icon: "deployments", label: "shell.deployments", needs: "deployments:read" },
      { path: "/upstreams", icon: "upstreams", label: "shell.upstreams", needs: "upstreams:read" },
      { path: "/limits", icon: "limits", label: "shell.limits", needs: "limits:read" },
    ],
  },
  {
    label: "shell.planeLife",
    rooms: [
      { path: "/models", icon: "models", label: "shell.models", needs: "models:read" },
      { path: "/training", icon: "training", label: "shell.training", needs: "training:read" },
    ],
  },
  {
    label: "shell.planeHouse",
    rooms: [
      { path: "/projects", icon: "projects", label: "shell.projects", needs: "projects:read" },
      { path: "/keys", icon: "keys", label: "shell.keys", needs: "keys:read" },
      { path: "/people", icon: "people", label: "shell.people", needs: "principals:read" },
      { path: "/policies", icon: "policies", label: "shell.policies", needs: "policies:read" },
      { path: "/tenants", icon: "tenants", label: "shell.tenants", needs: "tenants:write" },
      { path: "/audit", icon: "audit", label: "shell.audit", needs: "audit:read" },
      { path: "/configuration", icon: "configuration", label: "shell.configuration", needs: "configuration:read" },
      { path: "/jobs", icon: "jobs", label: "shell.jobs", needs: "jobs:read" },
      { path: "/logs", icon: "logs", label: "shell.logs", needs: "logs:read" },
    ],
  },
];

export function Navigation() {
  const { t } = useSpeech();
  const { may } = useMay();
  const open = PLANES.map(({ label, rooms }) => ({
    label,
    rooms: rooms.filter(({ needs }) => needs === undefined || may(needs)),
  })).filter(({ rooms }) => rooms.length > 0);
  return (
    <nav className={styles.nav} aria-label={t("shell.navigation")}>
      {open.map(({ label, rooms }) => (
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
