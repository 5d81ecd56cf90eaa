/** The house as one document: what it was, how it changed, and what it shall become. */
import { useSearchParams } from "wouter";
import { documentFile } from "~/api/configuration";
import { DownloadButton } from "~/features/shared/download-button";
import { useMay } from "~/features/shared/may";
import { useSpeech } from "~/lib/i18n/context";
import { Page } from "~/ui/page";
import { Tabs } from "~/ui/tabs";
import { ChangeDocument } from "./change-document";
import { CompareRevisions } from "./compare";
import { Revisions } from "./revisions";

const TABS = ["revisions", "compare", "change"] as const;
type Tab = (typeof TABS)[number];

export default function Configuration() {
  const { t } = useSpeech();
  const { may } = useMay();
  const [search, setSearch] = useSearchParams();
  const tab = TABS.find((one) => one === search.get("tab")) ?? "revisions";
  const show = (chosen: Tab) => setSearch(chosen === "revisions" ? {} : { tab: chosen }, { replace: true });
  return (
    <Page
      title={t("configuration.title")}
      lead={t("configuration.lead")}
      actions={
        <DownloadButton file={documentFile} name="house.yaml">
          {t("configuration.export")}
        </DownloadButton>
      }
    >
      <Tabs<Tab>
        label={t("configuration.title")}
        tabs={[
          { value: "revisions", label: t("configuration.tabRevisions") },
          { value: "compare", label: t("configuration.tabCompare") },
          ...(may("configuration:write") ? [{ value: "change", label: t("configuration.tabChange") } as const] : []),
        ]}
        value={tab}
        onChange={show}
      >
        {tab === "revisions" && (
          <Revisions onCompare={(base) => setSearch({ tab: "compare", base: String(base) }, { replace: true })} />
        )}
        {tab === "compare" && <CompareRevisions />}
        {tab === "change" && <ChangeDocument />}
      </Tabs>
    </Page>
  );
}
