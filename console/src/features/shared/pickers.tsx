/** Fields that name something of the house: what is there is offered, what is typed is taken. */
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useId } from "react";
import { useApi } from "~/api/context";
import { keysQuery } from "~/api/identity";
import type { LimitScope } from "~/api/limits";
import { allItems } from "~/api/paging";
import { principalsQuery, projectsQuery, tenantsQuery } from "~/api/tenancy";
import { TextField } from "~/ui/field";
import { useMay } from "./may";

interface PickerProps {
  readonly label: string;
  readonly hint?: string;
  readonly required?: boolean;
  readonly value: string;
  readonly onChange: (value: string) => void;
}

interface Offer {
  readonly value: string;
  readonly label?: string;
}

/** A text field that offers; it offers only the first page, since a house may have a thousand of anything. */
function Offered({ offers, onChange, hint, ...rest }: PickerProps & { readonly offers: readonly Offer[] }) {
  const list = useId();
  return (
    <>
      <TextField
        {...rest}
        {...(hint !== undefined && { hint })}
        list={list}
        spellCheck={false}
        autoComplete="off"
        onChange={(event) => onChange(event.target.value)}
      />
      <datalist id={list}>
        {offers.map(({ value, label }) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </datalist>
    </>
  );
}

const named = (items: readonly { readonly name: string; readonly title: string }[]): Offer[] =>
  items.map(({ name, title }) => ({ value: name, label: title || name }));

export function TenantField(props: PickerProps) {
  const { may } = useMay();
  const { data } = useQuery({ ...tenantsQuery(useApi()), enabled: may("tenants:read") });
  return <Offered {...props} offers={named(data ?? [])} />;
}

interface OfTenant extends PickerProps {
  readonly tenant: string;
}

export function ProjectField({ tenant, ...props }: OfTenant) {
  const { may } = useMay();
  const { data } = useQuery({ ...projectsQuery(useApi(), tenant), enabled: may("projects:read") });
  return <Offered {...props} offers={named(data ?? [])} />;
}

export function PrincipalField({ tenant, ...props }: OfTenant) {
  const { may } = useMay();
  const { data } = useInfiniteQuery({ ...principalsQuery(useApi(), tenant), enabled: may("principals:read") });
  return <Offered {...props} offers={named(allItems(data))} />;
}

export function KeyField(props: PickerProps) {
  const { may } = useMay();
  const { data } = useInfiniteQuery({ ...keysQuery(useApi(), false), enabled: may("keys:read") });
  return <Offered {...props} offers={allItems(data).map(({ id, name }) => ({ value: id, label: name }))} />;
}

interface SubjectFieldProps extends OfTenant {
  readonly scope: Exclude<LimitScope, "house">;
}

/** One of whatever a scope is about. */
export function SubjectField({ scope, tenant, ...props }: SubjectFieldProps) {
  if (scope === "key") return <KeyField {...props} />;
  if (scope === "tenant") return <TenantField {...props} />;
  if (scope === "project") return <ProjectField {...props} tenant={tenant} />;
  return <PrincipalField {...props} tenant={tenant} />;
}
