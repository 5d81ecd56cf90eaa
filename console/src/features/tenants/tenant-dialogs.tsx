/** Make a tenant, or shut one out. */
import { useState } from "react";
import { type Tenant, usePutTenant } from "~/api/tenancy";
import { useSpeech } from "~/lib/i18n/context";
import { Fault } from "~/ui/alert";
import { Dialog, DialogForm } from "~/ui/dialog";
import { TextField } from "~/ui/field";

export function TenantDialog({ tenant, onClose }: { readonly tenant: Tenant | null; readonly onClose: () => void }) {
  const { t } = useSpeech();
  const put = usePutTenant();
  const [name, setName] = useState(tenant?.name ?? "");
  const [title, setTitle] = useState(tenant?.title ?? "");
  const body = { name: name.trim(), title: title.trim(), suspended: tenant?.suspended ?? "" };
  return (
    <Dialog title={tenant ? t("tenants.editTitle", { name: tenant.name }) : t("tenants.createTitle")} onClose={onClose}>
      <DialogForm
        submit={tenant ? t("common.save") : t("tenants.create")}
        busy={put.isPending}
        onSubmit={() => put.mutate(body, { onSuccess: onClose })}
        onClose={onClose}
      >
        <TextField
          label={t("common.name")}
          hint={t("projects.nameHint")}
          required
          readOnly={tenant !== null}
          spellCheck={false}
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
        <TextField
          label={t("common.titleField")}
          hint={t("common.titleHint")}
          value={title}
          onChange={(event) => setTitle(event.target.value)}
        />
        <Fault error={put.error} />
      </DialogForm>
    </Dialog>
  );
}

export function SuspendTenantDialog({ tenant, onClose }: { readonly tenant: Tenant; readonly onClose: () => void }) {
  const { t } = useSpeech();
  const put = usePutTenant();
  const [why, setWhy] = useState("");
  const body = { name: tenant.name, title: tenant.title, suspended: why.trim() };
  return (
    <Dialog title={t("tenants.suspendTitle", { name: tenant.name })} onClose={onClose}>
      <DialogForm
        danger
        submit={t("tenants.suspend")}
        busy={put.isPending}
        onSubmit={() => put.mutate(body, { onSuccess: onClose })}
        onClose={onClose}
      >
        <p>{t("tenants.suspendLead")}</p>
        <TextField
          label={t("tenants.why")}
          hint={t("tenants.whyHint")}
          required
          value={why}
          onChange={(event) => setWhy(event.target.value)}
        />
        <Fault error={put.error} />
      </DialogForm>
    </Dialog>
  );
}
