/** The keys of the house: make one, end one. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useApi } from "~/api/context";
import { keysQuery } from "~/api/identity";
import { allItems } from "~/api/paging";
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

export default function Keys() {
  const { t } = useSpeech();
  const [revoked, setRevoked] = useState(false);
  const [creating, setCreating] = useState(false);
  const query = useInfiniteQuery(keysQuery(useApi(), revoked));
  const keys = allItems(query.data);
  return (
    <Page
      title={t("keys.title")}
      lead={t("keys.lead")}
      actions={
        <Button kind="primary" icon="plus" onClick={() => setCreating(true)}>
          {t("keys.create")}
        </Button>
      }
    >
      <Fault error={query.error} />
      <CheckField
        label={t("keys.showRevoked")}
        checked={revoked}
        onChange={(event) => setRevoked(event.target.checked)}
      />
      {query.isPending && <Loading />}
      {query.data && (
        <Panel flush>
          {keys.length === 0 ? <Empty title={t("keys.emptyTitle")} /> : <KeyTable keys={keys} />}
          <More query={query} />
        </Panel>
      )}
      {creating && <CreateKeyDialog onClose={() => setCreating(false)} />}
    </Page>
  );
}
