/** For addresses that name nothing. */
import { Link } from "wouter";
import { useSpeech } from "~/lib/i18n/context";
import { Empty } from "~/ui/empty";
import { Page } from "~/ui/page";

export function NotFound() {
  const { t } = useSpeech();
  return (
    <Page title={t("common.notFound")}>
      <Empty title={t("common.notFoundLead")}>
        <Link href="/">{t("common.toOverview")}</Link>
      </Empty>
    </Page>
  );
}
