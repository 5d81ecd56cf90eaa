/** Who owns data in this house; for those who look after the house. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "wouter";
import { useApi } from "~/api/context";
import { type Tenant, tenantsQuery, usePutTenant } from "~/api/tenancy";
import { useMay } from "~/features/shared/may";
import { useSpeech } from "~/lib/i18n/context";
import { Fault } from "~/ui/alert";
import { Badge } from "~/ui/badge";
import { Button, IconButton } from "~/ui/button";
import { Loading } from "~/ui/empty";
import { Page } from "~/ui/page";
import { Panel } from "~/ui/panel";
import { Moment } from "~/ui/since";
import { Table } from "~/ui/table";
import { SuspendTenantDialog, TenantDialog } from "./tenant-dialogs";
import styles from "./tenants.module.css";

type Open =
  | { readonly kind: "edit"; readonly tenant: Tenant | null }
  | { readonly kind: "suspend"; readonly tenant: Tenant };

export default function Tenants() {
  const { t } = useSpeech();
  const { may } = useMay();
  const [open, setOpen] = useState<Open | null>(null);
  const query = useQuery(tenantsQuery(useApi()));
  const close = () => setOpen(null);
  return (
    <Page
      title={t("tenants.title")}
      lead={t("tenants.lead")}
      actions={
        may("tenants:write") && (
          <Button kind="primary" icon="plus" onClick={() => setOpen({ kind: "edit", tenant: null })}>
            {t("tenants.create")}
          </Button>
        )
      }
    >
      <Fault error={query.error} />
      {query.isPending && <Loading />}
      {query.data && (
        <Panel flush>
          <TenantTable tenants={query.data} onOpen={setOpen} />
        </Panel>
      )}
      {open?.kind === "edit" && <TenantDialog tenant={open.tenant} onClose={close} />}
      {open?.kind === "suspend" && <SuspendTenantDialog tenant={open.tenant} onClose={close} />}
    </Page>
  );
}

interface TenantTableProps {
  readonly tenants: readonly Tenant[];
  readonly onOpen: (open: Open) => void;
}

function TenantTable({ tenants, onOpen }: TenantTableProps) {
  const { t } = useSpeech();
  const put = usePutTenant();
  return (
    <>
      <Fault error={put.error} />
      <Table
        caption={t("tenants.title")}
        head={[
          t("common.tenant"),
          t("common.state"),
          t("common.created"),
          <span key="ways" className="unseen">
            {t("common.more")}
          </span>,
          <span key="actions" className="unseen">
            {t("common.actions")}
          </span>,
        ]}
      >
        {tenants.map((tenant) => (
          <tr key={tenant.name}>
            <th scope="row">
              {tenant.title || tenant.name}
              <p className={styles.name}>{tenant.name}</p>
            </th>
            <td>
              <State tenant={tenant} />
            </td>
            <td>{tenant.created_at > 0 ? <Moment at={tenant.created_at} /> : "–"}</td>
            <td>
              <span className={styles.links}>
                <Link href={`/projects?tenant=${encodeURIComponent(tenant.name)}`}>{t("projects.title")}</Link>
                <Link href={`/people?tenant=${encodeURIComponent(tenant.name)}`}>{t("tenants.people")}</Link>
                <Link href={`/usage?by=project&tenant=${encodeURIComponent(tenant.name)}`}>{t("projects.usage")}</Link>
              </span>
            </td>
            <td>
              <span className={styles.actions}>
                <IconButton
                  icon="edit"
                  label={t("tenants.editTitle", { name: tenant.name })}
                  onClick={() => onOpen({ kind: "edit", tenant })}
                />
                {tenant.suspended ? (
                  <Button
                    small
                    busy={put.isPending}
                    onClick={() => put.mutate({ name: tenant.name, title: tenant.title, suspended: "" })}
                  >
                    {t("tenants.resume")}
                  </Button>
                ) : (
                  <Button
                    small
                    kind="danger"
                    aria-label={t("tenants.suspendTitle", { name: tenant.name })}
                    onClick={() => onOpen({ kind: "suspend", tenant })}
                  >
                    {t("tenants.suspend")}
                  </Button>
                )}
              </span>
            </td>
          </tr>
        ))}
      </Table>
    </>
  );
}

function State({ tenant }: { readonly tenant: Tenant }) {
  const { t } = useSpeech();
  if (!tenant.suspended) return <Badge tone="ok">{t("tenants.active")}</Badge>;
  return (
    <>
      <Badge tone="bad">{t("tenants.suspended")}</Badge>
      <p className={styles.why}>{tenant.suspended}</p>
    </>
  );
}
