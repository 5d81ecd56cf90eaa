/** The span in four figures. */
import { MILLION } from "~/api/metering";
import { useSpeech } from "~/lib/i18n/context";
import type { Sum } from "./sums";
import styles from "./usage.module.css";

interface TotalsProps {
  readonly sum: Sum;
  readonly currency: string;
}

export function Totals({ sum, currency }: TotalsProps) {
  const { t, format } = useSpeech();
  const cost = sum.cost / MILLION;
  const each = sum.requests > 0 ? t("usage.perRequest", { money: format.money(cost / sum.requests, currency) }) : "";
  const cached = sum.cached > 0 ? t("usage.cachedOf", { share: format.percent(sum.cached / sum.input) }) : "";
  const bad = [
    sum.refused > 0 && `${t("usage.refused")}: ${format.compact(sum.refused)}`,
    sum.failed > 0 && `${t("usage.failed")}: ${format.compact(sum.failed)}`,
  ].filter(Boolean);
  return (
    <dl className={styles.totals}>
      <Total name={t("usage.cost")} value={format.money(cost, currency)} aside={each} lead />
      <Total name={t("usage.requests")} value={format.compact(sum.requests)} aside={bad.join(" · ")} />
      <Total name={t("usage.input")} value={format.compact(sum.input)} aside={cached} />
      <Total name={t("usage.output")} value={format.compact(sum.output)} />
    </dl>
  );
}

interface TotalProps {
  readonly name: string;
  readonly value: string;
  readonly aside?: string;
  readonly lead?: boolean;
}

function Total({ name, value, aside = "", lead = false }: TotalProps) {
  return (
    <div className={styles.total} data-lead={lead}>
      <dt>{name}</dt>
      <dd>{value}</dd>
      <dd className={styles.aside}>{aside}</dd>
    </div>
  );
}
