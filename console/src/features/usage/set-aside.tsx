/** What was used and is on no bill, for those who look over the house: it may be any tenant's. */
import { useQuery } from "@tanstack/react-query";
import { useApi } from "~/api/context";
import { quarantineQuery } from "~/api/metering";
import { useMay } from "~/features/shared/may";
import { useSpeech } from "~/lib/i18n/context";
import { Alert } from "~/ui/alert";

export function SetAside() {
  const { t } = useSpeech();
  const { me, may } = useMay();
  const { data } = useQuery({ ...quarantineQuery(useApi()), enabled: me?.house === true && may("ledger:read") });
  if (!data?.waiting) return null;
  return (
    <Alert tone="busy">
      <p>
        {t("usage.setAside", { n: data.waiting })} <code>tulou usage quarantine</code>
      </p>
    </Alert>
  );
}
