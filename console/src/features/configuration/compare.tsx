/** Two revisions side by side, as their documents differ. */
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useSearchParams } from "wouter";
import { documentQuery, revisionsQuery } from "~/api/configuration";
import { useApi } from "~/api/context";
import { allItems } from "~/api/paging";
import { useSpeech } from "~/lib/i18n/context";
import { Fault } from "~/ui/alert";
import { Diff } from "~/ui/diff";
import { Loading } from "~/ui/empty";
import { FieldRow, SelectField } from "~/ui/field";
import { Panel } from "~/ui/panel";

const NOW = "now";

export function CompareRevisions() {
  const { t } = useSpeech();
  const api = useApi();
  const [search, setSearch] = useSearchParams();
  const revisions = allItems(useInfiniteQuery(revisionsQuery(api)).data);
  const base = search.get("base") ?? String(revisions[1]?.number ?? revisions[0]?.number ?? NOW);
  const to = search.get("to") ?? NOW;
  const before = useQuery(documentQuery(api, numberOf(base)));
  const after = useQuery(documentQuery(api, numberOf(to)));
  const title = (which: string) =>
    which === NOW ? t("configuration.current") : t("configuration.revisionOf", { number: which });
  const set = (part: { base?: string; to?: string }) =>
    setSearch({ tab: "compare", base, to, ...part }, { replace: true });
  const numbers = [NOW, ...revisions.map(({ number }) => String(number))];
  const label = t("configuration.diff", { from: title(base), to: title(to) });
  return (
    <>
      <FieldRow>
        <WhichField
          label={t("configuration.from")}
          value={base}
          numbers={numbers}
          onChange={(one) => set({ base: one })}
        />
        <WhichField label={t("configuration.to")} value={to} numbers={numbers} onChange={(one) => set({ to: one })} />
      </FieldRow>
      <Fault error={before.error ?? after.error} />
      {(before.isPending || after.isPending) && <Loading />}
      {before.data !== undefined && after.data !== undefined && (
        <Panel title={label}>
          {before.data === after.data ? (
            <p>{t("configuration.changesNone")}</p>
          ) : (
            <Diff label={label} before={before.data} after={after.data} />
          )}
        </Panel>
      )}
    </>
  );
}

function numberOf(which: string): number | null {
  return which === NOW ? null : Number(which);
}

interface WhichFieldProps {
  readonly label: string;
  readonly value: string;
  readonly numbers: readonly string[];
  readonly onChange: (value: string) => void;
}

function WhichField({ label, value, numbers, onChange }: WhichFieldProps) {
  const { t } = useSpeech();
  const all = numbers.includes(value) ? numbers : [value, ...numbers];
  return (
    <SelectField label={label} value={value} onChange={(event) => onChange(event.target.value)}>
      {all.map((number) => (
        <option key={number} value={number}>
          {number === NOW ? t("configuration.current") : t("configuration.revisionOf", { number })}
        </option>
      ))}
    </SelectField>
  );
}
