/** Shows a page to those who may see it, and tells all others what it asks for. */
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Link } from "wouter";
import { useApi } from "~/api/context";
import { covers, meQuery } from "~/api/me";
import { useSpeech } from "~/lib/i18n/context";
import { Fault } from "~/ui/alert";
import { Empty, Loading } from "~/ui/empty";
import { Page } from "~/ui/page";
import type { PageEntry } from "./table";

interface GuardProps {
  readonly page: Pick<PageEntry, "label" | "permission">;
  readonly children: ReactNode;
}

export function Guard({ page: { label, permission }, children }: GuardProps) {
  const { t } = useSpeech();
  const me = useQuery(meQuery(useApi()));
  if (permission === null) return children;
  if (!me.data) return me.error ? <Fault error={me.error} /> : <Loading />;
  if (covers(me.data.permissions, permission)) return children;
  return (
    <Page title={t(label)}>
      <Empty title={t("shell.refused", { permission })}>
        <p>{t("common.forbidden")}</p>
        <Link href="/">{t("common.toOverview")}</Link>
      </Empty>
    </Page>
  );
}
