/** Add a price, or replace one; with another beginning it follows the one before instead of replacing it. */
import { useState } from "react";
import { type Price, usePutPrice } from "~/api/metering";
import { useSpeech } from "~/lib/i18n/context";
import { Fault } from "~/ui/alert";
import { Dialog, DialogForm } from "~/ui/dialog";
import { FieldRow, TextField } from "~/ui/field";
import { MAIN, type PriceForm, priceFormOf, priceOf, type Rate, REST, type Unseen } from "./price-form";
import styles from "./upstreams.module.css";

export function PriceDialog({ price, onClose }: { readonly price: Price | null; readonly onClose: () => void }) {
  const { t } = useSpeech();
  const put = usePutPrice();
  const [form, setForm] = useState(() => priceFormOf(price));
  const set = (part: Partial<PriceForm>) => setForm({ ...form, ...part });
  return (
    <Dialog
      title={price ? t("upstreams.priceEdit", { model: price.model }) : t("upstreams.priceTitle")}
      onClose={onClose}
    >
      <DialogForm
        submit={price ? t("common.save") : t("upstreams.priceAdd")}
        busy={put.isPending}
        onSubmit={() => put.mutate({ ...unseen(price), ...priceOf(form) }, { onSuccess: onClose })}
        onClose={onClose}
      >
        <FieldRow>
          <TextField
            label={t("upstreams.model")}
            hint={t("upstreams.modelHint")}
            required
            spellCheck={false}
            value={form.model}
            onChange={(event) => set({ model: event.target.value })}
          />
          <TextField
            label={t("upstreams.provider")}
            hint={t("upstreams.providerHint")}
            spellCheck={false}
            value={form.provider}
            onChange={(event) => set({ provider: event.target.value })}
          />
        </FieldRow>
        <TextField
          label={`${t("upstreams.since")} (UTC)`}
          hint={t("upstreams.sinceHint")}
          type="datetime-local"
          value={form.since}
          onChange={(event) => set({ since: event.target.value })}
        />
        <Rates rates={MAIN} form={form} onChange={set} />
        <details className={styles.rates}>
          <summary>{t("upstreams.more")}</summary>
          <p className={styles.faint}>{t("upstreams.moreHint")}</p>
          <Rates rates={REST} form={form} onChange={set} />
        </details>
        <Fault error={put.error} />
      </DialogForm>
    </Dialog>
  );
}

/** What a price has that the form does not show stays as it is. */
function unseen(price: Price | null): Pick<Price, Unseen> {
  return { cache_written_hour: price?.cache_written_hour ?? null, tiers: price?.tiers ?? [] };
}

interface RatesProps {
  readonly rates: readonly Rate[];
  readonly form: PriceForm;
  readonly onChange: (part: Partial<PriceForm>) => void;
}

function Rates({ rates, form, onChange }: RatesProps) {
  const { t } = useSpeech();
  return (
    <FieldRow>
      {rates.map((rate) => (
        <TextField
          key={rate}
          label={t(`upstreams.in_${rate}`)}
          type="number"
          min={0}
          step="any"
          required={rate === "input" || rate === "output"}
          value={form[rate]}
          {...(rate === "input" && { hint: t("upstreams.perMillion") })}
          onChange={(event) => onChange({ [rate]: event.target.value })}
        />
      ))}
    </FieldRow>
  );
}
