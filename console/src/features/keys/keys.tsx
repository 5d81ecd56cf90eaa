/** The keys of the house: make one, end one. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useSearchParams } from "wouter";
import { useApi } from "~/api/context";
import { keysQuery } from "~/api/identity";
import { allItems } from "~/api/paging";
import { useMay } from "~/features/shared/may";
import { useSpeech } from "~/lib/i18n/context";
import { Fault } from "~/ui/alert";
import { Button } from "~/ui/button";
import { Empty, Loading } from "~/ui/empty";
import { CheckField } from "~/ui/field";
import { More } from "~/ui/more";
import { Page } from "~/ui/page";
import { Panel } from "~/ui/panel";
import { CreateKeyDialog } from "./create-key-dialog";
import { KeyTable } from "./key-table";
import styles from "./keys.module.css";

export default function Keys() {
  const { t } = useSpeech();
  const [revoked, setRevoked] = useState(false);
  const { may } = useMay();
  const [search, setSearch] = useSearchParams();
  // Other pages link here with a project, or with the wish for a new key alone.
  const project = search.get("project") ?? "";
  const principal = search.get("principal") ?? "";
  const tenant = search.get("tenant") ?? "";
  const [creating, setCreating] = useState(search.get("new") !== null);
  const query = useInfiniteQuery(keysQuery(useApi(), revoked, { project, principal, tenant }));
  const keys = allItems(query.data);
  const close = () => {
    setCreating(false);
    if (search.get("new") !== null) setSearch({}, { replace: true });
  };
  return (
    <Page
      title={t("keys.title")}
      lead={t("keys.lead")}
      actions={
        may("keys:write") && (
          <Button kind="primary" icon="plus" onClick={() => setCreating(true)}>
            {t("keys.create")}
          </Button>
        )
      }
    >
      <Fault error={query.error} />
      <div className={styles.filters}>
        <CheckField
          label={t("keys.showRevoked")}
          checked={revoked}
          onChange={(event) => setRevoked(event.target.checked)}
        />
        {(project || principal || tenant) && (
          <Button small icon="close" onClick={() => setSearch({}, { replace: true })}>
            {[tenant, project, principal].filter(Boolean).join(" / ")}
          </Button>
        )}
      </div>
      {query.isPending && <Loading />}
      {query.data && (
        <Panel flush>
          {keys.length === 0 ? <Empty title={t("keys.emptyTitle")} /> : <KeyTable keys={keys} />}
          <More query={query} />
        </Panel>
      )}
      {creating && <CreateKeyDialog project={project} onClose={close} />}
    </Page>
  );
}
