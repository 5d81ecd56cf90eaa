/** The roles of somebody: each in the whole tenant, or in one project. */
import { useQuery } from "@tanstack/react-query";
import { useApi } from "~/api/context";
import { rolesQuery } from "~/api/governance";
import type { RoleBinding } from "~/api/tenancy";
import { useMay } from "~/features/shared/may";
import { ProjectField } from "~/features/shared/pickers";
import { useSpeech } from "~/lib/i18n/context";
import { Button, IconButton } from "~/ui/button";
import { SelectField } from "~/ui/field";
import styles from "./people.module.css";

interface RoleFieldsProps {
  readonly tenant: string;
  readonly roles: readonly RoleBinding[];
  readonly onChange: (roles: readonly RoleBinding[]) => void;
}

export function RoleFields({ tenant, roles, onChange }: RoleFieldsProps) {
  const { t } = useSpeech();
  const { may } = useMay();
  const { data } = useQuery({ ...rolesQuery(useApi()), enabled: may("roles:read") });
  const names = data?.map(({ name }) => name) ?? ["admin", "developer", "viewer", "auditor"];
  const set = (place: number, part: Partial<RoleBinding>) =>
    onChange(roles.map((binding, at) => (at === place ? { ...binding, ...part } : binding)));
  return (
    <fieldset className={styles.roles}>
      <legend>{t("people.roles")}</legend>
      {roles.map((binding, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a binding is its place in the form
        <div key={place} className={styles.binding}>
          <SelectField
            label={t("people.role")}
            value={binding.role}
            onChange={(event) => set(place, { role: event.target.value })}
          >
            {!names.includes(binding.role) && <option>{binding.role}</option>}
            {names.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </SelectField>
          <ProjectField
            label={t("people.roleProject")}
            tenant={tenant}
            value={binding.project}
            onChange={(project) => set(place, { project })}
          />
          <IconButton
            icon="close"
            label={t("people.removeRole", { role: binding.role })}
            onClick={() => onChange(roles.filter((_, at) => at !== place))}
          />
        </div>
      ))}
      <div>
        <Button
          small
          icon="plus"
          onClick={() =>
            onChange([...roles, { role: names.includes("viewer") ? "viewer" : (names[0] ?? ""), project: "" }])
          }
        >
          {t("people.addRole")}
        </Button>
      </div>
    </fieldset>
  );
}
