/** The groups of a report, the largest first; each name leads into itself. What is not shown is one line at the end. */
import { MILLION } from "~/api/metering";
import { useKeyNames } from "~/features/shared/use-names";
import { useSpeech } from "~/lib/i18n/context";
import { Table } from "~/ui/table";
import { deeper, type Question } from "./question";
import { beyond, figureOf, type Group, type Sum } from "./sums";
import styles from "./usage.module.css";

interface GroupTableProps {
  readonly question: Question;
  readonly groups: readonly Group[];
  readonly whole: Sum;
  /** Whether there are groups beyond those here. */
  readonly more: boolean;
  readonly currency: string;
  readonly onAsk: (part: Partial<Question>) => void;
}

export function GroupTable({ question, groups, whole, more, currency, onAsk }: GroupTableProps) {
  const { t } = useSpeech();
  const { by, measure, filters } = question;
  const keyName = useKeyNames();
  const nameOf = (name: string) => (by === "key" ? keyName(name) : name);
  const share = (sum: Sum) => {
    const all = figureOf(whole, measure);
    return all > 0 ? figureOf(sum, measure) / all : 0;
  };
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
          <Figures sum={group} currency={currency} share={share(group)} />
        </tr>
      ))}
      {more && (
        <tr>
          <th scope="row">{t("usage.rest")}</th>
          <Figures sum={beyond(whole, groups)} currency={currency} share={share(beyond(whole, groups))} />
        </tr>
      )}
    </Table>
  );
}

function Figures({ sum, currency, share }: { readonly sum: Sum; readonly currency: string; readonly share: number }) {
  const { format } = useSpeech();
  return (
    <>
      <td>{format.money(sum.cost / MILLION, currency)}</td>
      <td>{format.compact(sum.requests)}</td>
      <td>{format.compact(sum.input)}</td>
      <td>{format.compact(sum.output)}</td>
      <td>{format.compact(sum.refused)}</td>
      <td>
        <Share part={share} />
      </td>
    </>
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
