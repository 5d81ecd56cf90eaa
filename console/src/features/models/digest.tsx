/** The digest of a file or a version, short to read and whole to copy. */
import { useSpeech } from "~/lib/i18n/context";
import { CopyIcon } from "~/ui/copy";
import styles from "./models.module.css";

/** Enough of a digest to compare by eye; the whole of it can be copied. */
export function Digest({ digest }: { readonly digest: string }) {
  const { t } = useSpeech();
  return (
    <span className={styles.digest}>
      <code title={digest}>{digest.slice(0, 23)}…</code>
      <CopyIcon text={digest} label={`${t("common.copy")}: ${t("models.digest")}`} />
    </span>
  );
}
