/** The price book: what a million units cost, and from when on. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useApi } from "~/api/context";
import { type Price, pricesQuery, useDeletePrice } from "~/api/metering";
import { useMay } from "~/features/shared/may";
import { useSpeech } from "~/lib/i18n/context";
import { useNow } from "~/lib/use-now";
import { Fault } from "~/ui/alert";
import { Button } from "~/ui/button";
import { Confirm } from "~/ui/confirm";
import { Empty, Loading } from "~/ui/empty";
import { CheckField, TextField } from "~/ui/field";
import { Panel } from "~/ui/panel";
import { PriceDialog } from "./price-dialog";
import { standingOf } from "./price-form";
import { PriceTable } from "./price-table";
import styles from "./upstreams.module.css";
import { useAnswerers } from "./use-answerers";

type Open =
  | { readonly kind: "edit"; readonly price: Price | null }
  | { readonly kind: "delete"; readonly price: Price };

/** A day is fine enough to tell past from present. */
const STEP_S = 60;

export function Prices() {
  const { t } = useSpeech();
  const { may } = useMay();
  const [open, setOpen] = useState<Open | null>(null);
  const [wanted, setWanted] = useState("");
  const [past, setPast] = useState(false);
  const now = Math.floor(useNow() / STEP_S) * STEP_S;
  const query = useQuery(pricesQuery(useApi()));
  const answerers = useAnswerers(now);
  const all = query.data?.items ?? [];
  const shown = all
    .filter(({ model, provider }) => `${model} ${provider}`.toLowerCase().includes(wanted.toLowerCase()))
    .filter((price) => past || standingOf(price, all, now) !== "past");
  const close = () => setOpen(null);
  return (
    <>
      <p className={styles.lead}>{t("upstreams.bookLead")}</p>
      <Fault error={query.error} />
      {query.isPending && <Loading />}
      {query.data && (
        <>
          <div className={styles.search}>
            <TextField
              label={t("upstreams.priceSearch")}
              type="search"
              value={wanted}
              onChange={(event) => setWanted(event.target.value)}
            />
            <CheckField
              label={t("upstreams.showPast")}
              checked={past}
              onChange={(event) => setPast(event.target.checked)}
            />
          </div>
          <Panel
            flush
            title={`${t("upstreams.tabPrices")} · ${t("upstreams.bookVersion", { version: query.data.version })}`}
            actions={
              may("prices:write") && (
                <Button small icon="plus" onClick={() => setOpen({ kind: "edit", price: null })}>
                  {t("upstreams.priceAdd")}
                </Button>
              )
            }
          >
            {shown.length === 0 ? (
              <Empty title={t("upstreams.priceEmpty")}>
                <p>{t("upstreams.priceEmptyLead")}</p>
              </Empty>
            ) : (
              <PriceTable
                prices={shown}
                all={all}
                answerers={answerers}
                now={now}
                currency={query.data.currency}
                onEdit={(price) => setOpen({ kind: "edit", price })}
                onDelete={(price) => setOpen({ kind: "delete", price })}
              />
            )}
          </Panel>
          {(query.data.built_in?.length ?? 0) > 0 && (
            <p className={styles.lead}>
              {t("upstreams.builtIn", {
                n: query.data.built_in?.length ?? 0,
                date: query.data.built_in_date ?? "",
                currency: query.data.currency,
              })}
            </p>
          )}
        </>
      )}
      {open?.kind === "edit" && <PriceDialog price={open.price} onClose={close} />}
      {open?.kind === "delete" && <DeletePrice price={open.price} onClose={close} />}
    </>
  );
}

function DeletePrice({ price, onClose }: { readonly price: Price; readonly onClose: () => void }) {
  const { t, format } = useSpeech();
  const remove = useDeletePrice();
  const since = price.since > 0 ? format.time(price.since) : t("upstreams.ever");
  return (
    <Confirm
      title={t("upstreams.priceDelete", { model: price.model, since })}
      submit={t("common.delete")}
      change={remove}
      variables={price}
      onClose={onClose}
    >
      <p>{t("upstreams.priceDeleteLead")}</p>
    </Confirm>
  );
}
