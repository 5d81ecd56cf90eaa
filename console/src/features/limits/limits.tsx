/** What may be used, and how much of it is. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useSearchParams } from "wouter";
import { useApi } from "~/api/context";
import { type Limit, limitsQuery, type Standing, standingQuery } from "~/api/limits";
import { useMay } from "~/features/shared/may";
import { useSpeech } from "~/lib/i18n/context";
import { Fault } from "~/ui/alert";
import { Button } from "~/ui/button";
import { Empty, Loading } from "~/ui/empty";
import { Page } from "~/ui/page";
import { DeleteLimitDialog } from "./delete-limit-dialog";
import { LimitCard } from "./limit-card";
import { LimitDialog } from "./limit-dialog";
import styles from "./limits.module.css";

type Open =
  | { readonly kind: "edit"; readonly limit: Limit | null }
  | { readonly kind: "delete"; readonly limit: Limit };

export default function Limits() {
  const { t } = useSpeech();
  const { may } = useMay();
  const api = useApi();
  const [search, setSearch] = useSearchParams();
  // Other pages link here with what the limit shall be for, so that the form is open and filled in.
  const wanted = search.get("project");
  const [open, setOpen] = useState<Open | null>(wanted === null ? null : { kind: "edit", limit: null });
  const limits = useQuery(limitsQuery(api));
  const standing = useQuery(standingQuery(api));
  const close = () => {
    setOpen(null);
    setSearch({}, { replace: true });
  };
  return (
    <Page
      title={t("limits.title")}
      lead={t("limits.lead")}
      actions={
        may("limits:write") && (
          <Button kind="primary" icon="plus" onClick={() => setOpen({ kind: "edit", limit: null })}>
            {t("limits.create")}
          </Button>
        )
      }
    >
      <Fault error={limits.error ?? standing.error} />
      {limits.isPending && !limits.error && <Loading />}
      {limits.data?.length === 0 && <Empty title={t("limits.emptyTitle")}>{t("limits.emptyLead")}</Empty>}
      <ul className={styles.cards}>
        {limits.data?.map((limit) => (
          <li key={limit.name}>
            <LimitCard
              limit={limit}
              standings={standing.data?.filter((one) => standsFor(one, limit)) ?? []}
              {...(may("limits:write") && {
                onEdit: () => setOpen({ kind: "edit", limit }),
                onDelete: () => setOpen({ kind: "delete", limit }),
              })}
            />
          </li>
        ))}
      </ul>
      {open?.kind === "edit" && <LimitDialog limit={open.limit} project={wanted ?? ""} onClose={close} />}
      {open?.kind === "delete" && <DeleteLimitDialog limit={open.limit} onClose={close} />}
    </Page>
  );
}

/** A limit that was moved to another subject has still the counts of the one before. */
function standsFor(standing: Standing, { name, subject }: Limit): boolean {
  return standing.limit.name === name && (subject === "" || standing.subject === subject);
}
