/** What of a span nothing prices, or only the name of a deployment or route: with the price to write. */
import { useQuery } from "@tanstack/react-query";
import { useApi } from "~/api/context";
import { type Filters, type UsageRow, usageQuery } from "~/api/metering";
import type { Span } from "~/features/shared/span";
import { useSpeech } from "~/lib/i18n/context";
import { Alert } from "~/ui/alert";

/** More would be read by nobody. */
const MOST = 5;

interface PriceNoticesProps {
  readonly span: Span;
  readonly filters: Filters;
}

export function PriceNotices({ span, filters }: PriceNoticesProps) {
  const { t, format } = useSpeech();
  const groupBy = ["upstream_model", "provider"] as const;
  const { data } = useQuery(usageQuery(useApi(), { ...span, bucket: "all", groupBy, filters }, span.live));
  const rows = data?.rows ?? [];
  const unpriced = rows.filter((row) => (row.unpriced ?? 0) > 0).slice(0, MOST);
  const byName = rows.filter((row) => (row.priced_by_name ?? 0) > 0).slice(0, MOST);
  if (unpriced.length + byName.length === 0) return null;
  return (
    <Alert tone="busy">
      {unpriced.map((row) => (
        <p key={`unpriced ${row.group.join(" ")}`}>
          {t("usage.unpriced", {
            ...named(row),
            n: format.compact(row.unpriced ?? 0),
            tokens: format.compact(row.unpriced_tokens ?? 0),
          })}{" "}
          <code>{command(row)}</code>
        </p>
      ))}
      {byName.map((row) => (
        <p key={`named ${row.group.join(" ")}`}>
          {t("usage.byName", { ...named(row), n: format.compact(row.priced_by_name ?? 0) })} <code>{command(row)}</code>
        </p>
      ))}
    </Alert>
  );
}

function named({ group: [model = "", provider = ""] }: UsageRow) {
  return { model: model || "?", provider };
}

function command({ group: [model = "", provider = ""] }: UsageRow): string {
  return `tulou prices set ${model} --provider ${provider} --input … --output …`;
}
