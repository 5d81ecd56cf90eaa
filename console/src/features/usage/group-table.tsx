/** The groups of a report, the largest first; each name leads into itself. */
import { MILLION } from "~/api/metering";
import { useKeyNames } from "~/features/use-names";
import { useSpeech } from "~/lib/i18n/context";
import { Table } from "~/ui/table";
import { deeper, type Question } from "./question";
import { figureOf, type Group } from "./sums";
import styles from "./usage.module.css";

interface GroupTableProps {
  readonly question: Question;
  readonly groups: readonly Group[];
  readonly currency: string;
  readonly onAsk: (part: Partial<Question>) => void;
}

export function GroupTable({ question, groups, currency, onAsk }: GroupTableProps) {
  const { t, format } = useSpeech();
  const { by, measure, filters } = question;
  const keyName = useKeyNames();
  const nameOf = (name: string) => (by === "key" ? keyName(name) : name);
  const whole = groups.reduce((sum, group) => sum + figureOf(group, measure), 0);
  const into = (name: string) => {
    const fixed = { ...filters, [by]: name };
    onAsk({ filters: fixed, by: deeper(by, fixed) });
  };
  return (
    <Table
      caption={t("usage.table", { what: t(`usage.${measure}`), by: t(`usage.${by}`).toLowerCase() })}
      figures={[1, 2, 3, 4, 5]}
      head={[
        t(`usage.${by}`),
        t("usage.cost"),
        t("usage.requests"),
        t("usage.input"),
        t("usage.output"),
        t("usage.refused"),
        t("usage.share"),
      ]}
    >
      {groups.map((group) => (
        <tr key={group.name}>
          <th scope="row">
            {group.name === "" ? (
              t("usage.nobody")
            ) : (
              <button
                type="button"
                className={styles.into}
                title={t("usage.drill", { name: group.name })}
                onClick={() => into(group.name)}
              >
                {nameOf(group.name)}
              </button>
            )}
          </th>
          <td>{format.money(group.cost / MILLION, currency)}</td>
          <td>{format.compact(group.requests)}</td>
          <td>{format.compact(group.input)}</td>
          <td>{format.compact(group.output)}</td>
          <td>{format.compact(group.refused)}</td>
          <td>
            <Share part={whole > 0 ? figureOf(group, measure) / whole : 0} />
          </td>
        </tr>
      ))}
    </Table>
  );
}

function Share({ part }: { readonly part: number }) {
  const { format } = useSpeech();
  return (
    <span className={styles.share}>
      <span aria-hidden="true" style={{ width: `${Math.round(part * 100)}%` }} />
      <small>{format.percent(part)}</small>
    </span>
  );
}
