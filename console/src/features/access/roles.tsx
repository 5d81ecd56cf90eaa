/** Roles: those of the house, and those that somebody made. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useApi } from "~/api/context";
import { type Role, rolesQuery, useDeleteRole } from "~/api/governance";
import { useMay } from "~/features/shared/may";
import { useSpeech } from "~/lib/i18n/context";
import { Fault } from "~/ui/alert";
import { Badge } from "~/ui/badge";
import { Button, IconButton } from "~/ui/button";
import { Confirm } from "~/ui/confirm";
import { Loading } from "~/ui/empty";
import { Panel } from "~/ui/panel";
import { Table } from "~/ui/table";
import styles from "./access.module.css";
import { RoleDialog } from "./role-dialog";

type Open = { readonly kind: "edit"; readonly role: Role | null } | { readonly kind: "delete"; readonly role: Role };

export function Roles() {
  const { t } = useSpeech();
  const { may } = useMay();
  const [open, setOpen] = useState<Open | null>(null);
  const query = useQuery(rolesQuery(useApi()));
  const close = () => setOpen(null);
  return (
    <>
      <Fault error={query.error} />
      {query.isPending && <Loading />}
      {query.data && (
        <Panel
          flush
          title={t("access.tabRoles")}
          actions={
            may("roles:write") && (
              <Button small icon="plus" onClick={() => setOpen({ kind: "edit", role: null })}>
                {t("access.createRole")}
              </Button>
            )
          }
        >
          <RoleTable roles={query.data} onOpen={may("roles:write") ? setOpen : undefined} />
        </Panel>
      )}
      {open?.kind === "edit" && <RoleDialog role={open.role} onClose={close} />}
      {open?.kind === "delete" && <DeleteRole role={open.role} onClose={close} />}
    </>
  );
}

interface RoleTableProps {
  readonly roles: readonly Role[];
  readonly onOpen: ((open: Open) => void) | undefined;
}

function RoleTable({ roles, onOpen }: RoleTableProps) {
  const { t } = useSpeech();
  return (
    <Table
      caption={t("access.tabRoles")}
      head={[
        t("people.role"),
        t("access.permissions"),
        t("me.reach"),
        <span key="actions" className="unseen">
          {t("common.actions")}
        </span>,
      ]}
    >
      {roles.map((role) => (
        <tr key={role.name}>
          <th scope="row">
            <span className={styles.badges}>
              {role.name}
              {role.built_in && <Badge>{t("access.builtIn")}</Badge>}
            </span>
            <p className={styles.faint}>{role.title}</p>
          </th>
          <td>
            <span className={styles.badges}>
              {role.permissions.map((permission) => (
                <code key={permission} className={styles.permission} data-taken={permission.startsWith("-")}>
                  {permission}
                </code>
              ))}
            </span>
          </td>
          <td>{t(role.house ? "access.house" : "access.ofTenant")}</td>
          <td>
            {!role.built_in && onOpen && (
              <span className={styles.actions}>
                <IconButton
                  icon="edit"
                  label={t("access.editRole", { name: role.name })}
                  onClick={() => onOpen({ kind: "edit", role })}
                />
                <IconButton
                  icon="trash"
                  label={t("access.deleteRole", { name: role.name })}
                  onClick={() => onOpen({ kind: "delete", role })}
                />
              </span>
            )}
          </td>
        </tr>
      ))}
    </Table>
  );
}

function DeleteRole({ role, onClose }: { readonly role: Role; readonly onClose: () => void }) {
  const { t } = useSpeech();
  const remove = useDeleteRole();
  return (
    <Confirm
      title={t("access.deleteRole", { name: role.name })}
      submit={t("common.delete")}
      change={remove}
      variables={role.name}
      onClose={onClose}
    >
      <p>{t("access.deleteRoleLead")}</p>
    </Confirm>
  );
}
