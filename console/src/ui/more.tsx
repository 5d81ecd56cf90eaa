/** The rest of a paged list, a page at a time. */
import type { UseInfiniteQueryResult } from "@tanstack/react-query";
import { useSpeech } from "~/lib/i18n/context";
import { Button } from "./button";
import styles from "./more.module.css";

export function More({ query }: { readonly query: UseInfiniteQueryResult<unknown> }) {
  const { t } = useSpeech();
  if (!query.hasNextPage) return null;
  return (
    <div className={styles.more}>
      <Button busy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
        {t("common.more")}
      </Button>
    </div>
  );
}
