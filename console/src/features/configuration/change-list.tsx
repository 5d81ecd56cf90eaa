/** What differs, resource by resource; each opens to both of its sides. */
import type { Change } from "~/api/configuration";
import { useSpeech } from "~/lib/i18n/context";
import { pretty } from "~/lib/pretty";
import { Badge } from "~/ui/badge";
import { Diff } from "~/ui/diff";
import type { Tone } from "~/ui/tone";
import styles from "./configuration.module.css";

const TONES: Readonly<Record<Change["kind"], Tone>> = { create: "ok", update: "accent", delete: "bad" };

export function ChangeList({ changes }: { readonly changes: readonly Change[] }) {
  const { t } = useSpeech();
  if (changes.length === 0) return <p className={styles.faint}>{t("configuration.changesNone")}</p>;
  return (
    <ul className={styles.changes}>
      {changes.map((change) => (
        <li key={`${change.resource}/${change.name}`}>
          <details>
            <summary>
              <Badge tone={TONES[change.kind]}>{t(`configuration.kind_${change.kind}`)}</Badge> {change.resource}{" "}
              <b>{change.name}</b>{" "}
              {change.fields.length > 0 && <span className={styles.faint}>{change.fields.join(", ")}</span>}
            </summary>
            <Diff
              label={`${change.resource} ${change.name}`}
              before={change.before && pretty(change.before)}
              after={change.after && pretty(change.after)}
            />
          </details>
        </li>
      ))}
    </ul>
  );
}
