/** A word to those who come while the house is still bringing in its first models. */
import { useQuery } from "@tanstack/react-query";
import { useApi } from "~/api/context";
import { firstStartQuery } from "~/api/first-start";
import { useSpeech } from "~/lib/i18n/context";
import { Alert } from "~/ui/alert";

export function FirstStart() {
  const { t } = useSpeech();
  const { data } = useQuery(firstStartQuery(useApi()));
  if (!data) return null;
  return (
    <>
      {!data.done && <Alert tone="accent">{t("overview.firstStart", { names: data.seeds.join(", ") })}</Alert>}
      {data.failed.length > 0 && (
        <Alert tone="bad">
          <p>{t("overview.firstStartFailed")}</p>
          {data.failed.map((why) => (
            <p key={why}>{why}</p>
          ))}
        </Alert>
      )}
    </>
  );
}
