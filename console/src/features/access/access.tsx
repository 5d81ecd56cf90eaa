/** What may be done: roles, the policies beside them, and a place to ask without doing. */
import { useState } from "react";
import { useMay } from "~/features/shared/may";
import { useSpeech } from "~/lib/i18n/context";
import { Page } from "~/ui/page";
import { Tabs } from "~/ui/tabs";
import { Policies } from "./policies";
import { Roles } from "./roles";
import { TryBox } from "./try-box";

type Tab = "roles" | "policies" | "try";

export default function Access() {
  const { t } = useSpeech();
  const { may } = useMay();
  const [tab, setTab] = useState<Tab>("roles");
  return (
    <Page title={t("access.title")} lead={t("access.lead")}>
      <Tabs<Tab>
        label={t("access.title")}
        tabs={[
          { value: "roles", label: t("access.tabRoles") },
          { value: "policies", label: t("access.tabPolicies") },
          ...(may("policies:write") ? [{ value: "try", label: t("access.tabTry") } as const] : []),
        ]}
        value={tab}
        onChange={setTab}
      >
        {tab === "roles" && <Roles />}
        {tab === "policies" && <Policies />}
        {tab === "try" && <TryBox />}
      </Tabs>
    </Page>
  );
}
