/** Prices by model, provider and time, and which of them hold. */
import { useState } from "react";
import type { Price } from "~/api/metering";
import { useMay } from "~/features/shared/may";
import { useSpeech } from "~/lib/i18n/context";
import { Badge } from "~/ui/badge";
import { Button, IconButton } from "~/ui/button";
import { Moment } from "~/ui/since";
import { Table } from "~/ui/table";
import type { Tone } from "~/ui/tone";
import { type Answerer, fitsAny, type Standing, standingOf } from "./price-form";
import styles from "./upstreams.module.css";

const TONES: Readonly<Record<Standing, Tone>> = { now: "ok", later: "accent", past: "idle" };
/** A book has thousands of lines; those that are looked for are found by name. */
const AT_ONCE = 100;

interface PriceTableProps {
  readonly prices: readonly Price[];
  readonly all: readonly Price[];
  /** What prices may fit; null while that is not known. */
  readonly answerers: readonly Answerer[] | null;
  readonly now: number;
  readonly currency: string;
  readonly onEdit: (price: Price) => void;
  readonly onDelete: (price: Price) => void;
}

export function PriceTable({ prices, all, answerers, now, currency, onEdit, onDelete }: PriceTableProps) {
  const { t } = useSpeech();
  const [most, setMost] = useState(AT_ONCE);
  return (
    <>
      <Table
        caption={t("upstreams.tabPrices")}
        figures={[2, 3, 4]}
        head={[
          t("upstreams.model"),
          t("upstreams.since"),
          t("upstreams.in_input"),
          t("upstreams.in_output"),
          t("upstreams.in_cached"),
          <span key="actions" className="unseen">
            {t("common.actions")}
          </span>,
        ]}
      >
        {prices.slice(0, most).map((price) => (
          <PriceRow
            key={`${price.model}/${price.provider}/${price.since}`}
            price={price}
            standing={standingOf(price, all, now)}
            idle={answerers !== null && !fitsAny(price, answerers)}
            currency={currency}
            onEdit={() => onEdit(price)}
            onDelete={() => onDelete(price)}
          />
        ))}
      </Table>
      {prices.length > most && (
        <div className={styles.more}>
          <Button onClick={() => setMost(most + AT_ONCE)}>{t("common.more")}</Button>
        </div>
      )}
    </>
  );
}

interface PriceRowProps {
  readonly price: Price;
  readonly standing: Standing;
  /** Nothing that is there or has answered is priced by it. */
  readonly idle: boolean;
  readonly currency: string;
  readonly onEdit: () => void;
  readonly onDelete: () => void;
}

function PriceRow({ price, standing, idle, currency, onEdit, onDelete }: PriceRowProps) {
  const { t, format } = useSpeech();
  const { may } = useMay();
  const { model, since } = price;
  const when = since > 0 ? format.time(since) : t("upstreams.ever");
  return (
    <tr>
      <th scope="row">
        <code>{model}</code>
        {price.provider && <p className={styles.faint}>{price.provider}</p>}
      </th>
      <td>
        <span className={styles.badges}>
          {since > 0 ? <Moment at={since} /> : t("upstreams.ever")}
          {standing === "now" && idle ? (
            <Badge tone="idle">{t("upstreams.fitsNothing")}</Badge>
          ) : (
            <Badge tone={TONES[standing]}>{t(`upstreams.${standing}`)}</Badge>
          )}
        </span>
      </td>
      <td>{format.money(price.input, currency)}</td>
      <td>{format.money(price.output, currency)}</td>
      <td>{price.cached === null ? "–" : format.money(price.cached, currency)}</td>
      <td>
        {may("prices:write") && (
          <span className={styles.actions}>
            <IconButton icon="edit" label={t("upstreams.priceEdit", { model })} onClick={onEdit} />
            <IconButton icon="trash" label={t("upstreams.priceDelete", { model, since: when })} onClick={onDelete} />
          </span>
        )}
      </td>
    </tr>
  );
}
