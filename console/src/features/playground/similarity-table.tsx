/** Each text against each other; the nearer, the warmer. */
import type { CSSProperties } from "react";
import { useSpeech } from "~/lib/i18n/context";
import { Panel } from "~/ui/panel";
import { Table } from "~/ui/table";
import styles from "./embeddings.module.css";
import { cosine } from "./similarity";

interface SimilarityTableProps {
  readonly texts: readonly string[];
  readonly vectors: readonly (readonly number[])[];
  readonly tokens: number;
}

export function SimilarityTable({ texts, vectors, tokens }: SimilarityTableProps) {
  const { t, format } = useSpeech();
  const size = vectors[0]?.length ?? 0;
  const caption = t("playground.similarity");
  return (
    <Panel title={caption} flush>
      <p className={styles.note}>
        {t("playground.similarityLead")} {t("playground.dimensions", { n: size })} · {format.count(tokens)}{" "}
        {t("playground.tokens")}
      </p>
      <Table caption={caption} head={["", ...texts.map((_, place) => place + 1)]} figures={texts.map((_, i) => i + 1)}>
        {vectors.map((row, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the same text may come twice; its place is its identity
          <tr key={at}>
            <th scope="row" className={styles.text}>
              {at + 1}. {texts[at]}
            </th>
            {vectors.map((column, place) => {
              const near = cosine(row, column);
              return (
                // biome-ignore lint/suspicious/noArrayIndexKey: as above
                <td key={place} className={styles.cell} style={{ "--near": Math.max(0, near) } as CSSProperties}>
                  {near.toFixed(3)}
                </td>
              );
            })}
          </tr>
        ))}
      </Table>
    </Panel>
  );
}
