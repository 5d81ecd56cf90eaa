/** The vendors that are known, as data: found by name, dialect or what they can. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useApi } from "~/api/context";
import { type Provider, providersQuery } from "~/api/upstreams";
import { useMay } from "~/features/shared/may";
import { useSpeech } from "~/lib/i18n/context";
import { Fault } from "~/ui/alert";
import { Badge } from "~/ui/badge";
import { Button } from "~/ui/button";
import { Loading } from "~/ui/empty";
import { TextField } from "~/ui/field";
import { UpstreamDialog } from "./upstream-dialog";
import styles from "./upstreams.module.css";

export function Catalogue({ onAdded }: { readonly onAdded: () => void }) {
  const { t } = useSpeech();
  const [wanted, setWanted] = useState("");
  const [adding, setAdding] = useState<Provider | null>(null);
  const query = useQuery(providersQuery(useApi()));
  const found = query.data?.filter((provider) => fits(provider, wanted)) ?? [];
  return (
    <>
      <Fault error={query.error} />
      {query.isPending && <Loading />}
      {query.data && (
        <div className={styles.search}>
          <TextField
            label={t("upstreams.search")}
            type="search"
            value={wanted}
            onChange={(event) => setWanted(event.target.value)}
          />
          <p role="status">{t("upstreams.found", { n: found.length })}</p>
        </div>
      )}
      <ul className={styles.vendors}>
        {found.map((provider) => (
          <li key={provider.name}>
            <Vendor provider={provider} onAdd={() => setAdding(provider)} />
          </li>
        ))}
      </ul>
      {adding && <UpstreamDialog provider={adding} onAdded={onAdded} onClose={() => setAdding(null)} />}
    </>
  );
}

/** Every word must be in the vendor's name, title, dialect, address or abilities. */
export function fits(provider: Provider, wanted: string): boolean {
  const { name, title, dialect, base_url, capabilities } = provider;
  const all = [name, title, dialect, base_url, ...capabilities].join(" ").toLowerCase();
  return wanted
    .toLowerCase()
    .split(/\s+/)
    .every((word) => all.includes(word));
}

function Vendor({ provider, onAdd }: { readonly provider: Provider; readonly onAdd: () => void }) {
  const { t } = useSpeech();
  const { may } = useMay();
  const title = provider.title || provider.name;
  return (
    <article className={styles.vendor} aria-label={title}>
      <header className={styles.vendorHead}>
        <h2>{title}</h2>
        {may("upstreams:write") && (
          <Button small icon="plus" aria-label={t("upstreams.addOf", { title })} onClick={onAdd}>
            {t("upstreams.add")}
          </Button>
        )}
      </header>
      <p className={styles.address}>{provider.base_url}</p>
      <p className={styles.badges}>
        <Badge tone="accent">{provider.dialect}</Badge>
        {provider.capabilities.map((capability) => (
          <Badge key={capability}>{capability}</Badge>
        ))}
      </p>
    </article>
  );
}
