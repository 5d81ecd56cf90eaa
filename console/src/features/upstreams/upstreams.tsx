/** Accounts at vendors, the vendors that are known, and what their models cost. */
import { useSearchParams } from "wouter";
import { useMay } from "~/features/shared/may";
import { useSpeech } from "~/lib/i18n/context";
import { Page } from "~/ui/page";
import { Tabs } from "~/ui/tabs";
import { Catalogue } from "./catalogue";
import { Prices } from "./prices";
import { UpstreamList } from "./upstream-list";

const TABS = ["upstreams", "catalogue", "prices"] as const;
type Tab = (typeof TABS)[number];

export default function Upstreams() {
  const { t } = useSpeech();
  const { may } = useMay();
  const [search, setSearch] = useSearchParams();
  const tab = TABS.find((one) => one === search.get("tab")) ?? "upstreams";
  const show = (chosen: Tab) => setSearch(chosen === "upstreams" ? {} : { tab: chosen }, { replace: true });
  return (
    <Page title={t("upstreams.title")} lead={t("upstreams.lead")}>
      <Tabs<Tab>
        label={t("upstreams.title")}
        tabs={[
          { value: "upstreams", label: t("upstreams.tabUpstreams") },
          { value: "catalogue", label: t("upstreams.tabCatalogue") },
          ...(may("prices:read") ? [{ value: "prices", label: t("upstreams.tabPrices") } as const] : []),
        ]}
        value={tab}
        onChange={show}
      >
        {tab === "upstreams" && <UpstreamList onCatalogue={() => show("catalogue")} />}
        {tab === "catalogue" && <Catalogue onAdded={() => show("upstreams")} />}
        {tab === "prices" && <Prices />}
      </Tabs>
    </Page>
  );
}
