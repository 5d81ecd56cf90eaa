/** The upstreams of this house, and how their credentials are received. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useApi } from "~/api/context";
import { type Upstream, upstreamsQuery, useDeleteUpstream } from "~/api/upstreams";
import { useMay } from "~/features/shared/may";
import { useSpeech } from "~/lib/i18n/context";
import { Fault } from "~/ui/alert";
import { Badge } from "~/ui/badge";
import { Button, IconButton } from "~/ui/button";
import { Confirm } from "~/ui/confirm";
import { Empty, Loading } from "~/ui/empty";
import { Panel } from "~/ui/panel";
import { CredentialDialog } from "./credential-dialog";
import { CredentialTable } from "./credential-table";
import styles from "./upstreams.module.css";

interface UpstreamListProps {
  readonly onCatalogue: () => void;
}

type Open = { readonly kind: "credential" | "delete"; readonly name: string };

export function UpstreamList({ onCatalogue }: UpstreamListProps) {
  const { t } = useSpeech();
  const [open, setOpen] = useState<Open | null>(null);
  const query = useQuery(upstreamsQuery(useApi()));
  const close = () => setOpen(null);
  return (
    <>
      <Fault error={query.error} />
      {query.isPending && <Loading />}
      {query.data?.length === 0 && (
        <Empty title={t("upstreams.emptyTitle")}>
          <p>{t("upstreams.emptyLead")}</p>
          <Button kind="primary" onClick={onCatalogue}>
            {t("upstreams.toCatalogue")}
          </Button>
        </Empty>
      )}
      {query.data?.map((upstream) => (
        <UpstreamPanel key={upstream.spec.name} upstream={upstream} onOpen={setOpen} />
      ))}
      {open?.kind === "credential" && <CredentialDialog upstream={open.name} onClose={close} />}
      {open?.kind === "delete" && <DeleteDialog name={open.name} onClose={close} />}
    </>
  );
}

interface UpstreamPanelProps {
  readonly upstream: Upstream;
  readonly onOpen: (open: Open) => void;
}

function UpstreamPanel({ upstream, onOpen }: UpstreamPanelProps) {
  const { t } = useSpeech();
  const { may } = useMay();
  const { spec, provider, credentials } = upstream;
  const { name } = spec;
  const free = provider.auth === "none";
  return (
    <Panel
      flush
      title={
        <span className={styles.badges}>
          {name} <Badge>{provider.title || provider.name}</Badge>
        </span>
      }
      actions={
        may("upstreams:write") && (
          <>
            {!free && (
              <Button
                small
                icon="plus"
                aria-label={t("upstreams.addCredentialTitle", { name })}
                onClick={() => onOpen({ kind: "credential", name })}
              >
                {t("upstreams.addCredential")}
              </Button>
            )}
            <IconButton
              icon="trash"
              label={t("upstreams.deleteTitle", { name })}
              onClick={() => onOpen({ kind: "delete", name })}
            />
          </>
        )
      }
    >
      <p className={styles.line}>
        <code>{spec.base_url || provider.base_url}</code> · {spec.dialect || provider.dialect}
      </p>
      {credentials.length > 0 && <CredentialTable upstream={name} credentials={credentials} />}
      {credentials.length === 0 && (
        <p className={styles.line}>
          <Badge tone={free ? "idle" : "busy"}>{t(free ? "upstreams.noneNeeded" : "upstreams.noCredentials")}</Badge>
        </p>
      )}
    </Panel>
  );
}

function DeleteDialog({ name, onClose }: { readonly name: string; readonly onClose: () => void }) {
  const { t } = useSpeech();
  const remove = useDeleteUpstream();
  return (
    <Confirm
      title={t("upstreams.deleteTitle", { name })}
      submit={t("common.delete")}
      change={remove}
      variables={name}
      onClose={onClose}
    >
      <p>{t("upstreams.deleteLead")}</p>
    </Confirm>
  );
}
