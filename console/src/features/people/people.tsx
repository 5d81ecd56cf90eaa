/** Who acts in a tenant. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useSearchParams } from "wouter";
import { useApi } from "~/api/context";
import { allItems } from "~/api/paging";
import { type Principal, principalsQuery } from "~/api/tenancy";
import { useMay } from "~/features/shared/may";
import { useSpeech } from "~/lib/i18n/context";
import { Fault } from "~/ui/alert";
import { Badge } from "~/ui/badge";
import { Button } from "~/ui/button";
import { Empty, Loading } from "~/ui/empty";
import { More } from "~/ui/more";
import { Page } from "~/ui/page";
import { Panel } from "~/ui/panel";
import { Since } from "~/ui/since";
import { Table } from "~/ui/table";
import styles from "./people.module.css";
import { PersonDialog } from "./person-dialog";

export default function People() {
  const { t } = useSpeech();
  const { me, may } = useMay();
  const [search] = useSearchParams();
  const [creating, setCreating] = useState(false);
  const tenant = search.get("tenant") ?? "";
  const query = useInfiniteQuery(principalsQuery(useApi(), tenant));
  const people = allItems(query.data);
  return (
    <Page
      title={t("people.title")}
      lead={t("people.lead")}
      back={tenant && me?.house ? <Link href="/tenants">← {t("tenants.title")}</Link> : undefined}
      actions={
        may("principals:write") && (
          <Button kind="primary" icon="plus" onClick={() => setCreating(true)}>
            {t("people.create")}
          </Button>
        )
      }
    >
      <Fault error={query.error} />
      {query.isPending && <Loading />}
      {query.data && (
        <Panel flush>
          {people.length === 0 ? <Empty title={t("people.emptyTitle")} /> : <PeopleTable people={people} />}
          <More query={query} />
        </Panel>
      )}
      {creating && (
        <PersonDialog
          principal={null}
          tenant={tenant || (me?.tenant ?? "default")}
          onClose={() => setCreating(false)}
        />
      )}
    </Page>
  );
}

export function pathOfPerson({ tenant, name }: Pick<Principal, "tenant" | "name">): string {
  return `/people/${encodeURIComponent(tenant)}/${encodeURIComponent(name)}`;
}

function PeopleTable({ people }: { readonly people: readonly Principal[] }) {
  const { t } = useSpeech();
  return (
    <Table
      caption={t("people.title")}
      head={[t("people.who"), t("common.kind"), t("people.roles"), t("people.seen"), t("common.state")]}
    >
      {people.map((person) => (
        <tr key={`${person.tenant}/${person.name}`}>
          <th scope="row">
            <Link href={pathOfPerson(person)}>{person.title || person.name}</Link>
            <p className={styles.faint}>{person.email || `${person.tenant} / ${person.name}`}</p>
          </th>
          <td>{t(`people.kind_${person.kind}`)}</td>
          <td>
            <RoleBadges person={person} />
          </td>
          <td>{person.seen_at ? <Since at={person.seen_at} /> : t("people.never")}</td>
          <td>
            <PersonState person={person} />
          </td>
        </tr>
      ))}
    </Table>
  );
}

export function RoleBadges({ person }: { readonly person: Principal }) {
  const { t } = useSpeech();
  if (person.roles.length === 0) return t("people.noRoles");
  return (
    <span className={styles.badges}>
      {person.roles.map(({ role, project }) => (
        <Badge key={`${role}/${project}`}>{project ? `${role} @ ${project}` : role}</Badge>
      ))}
    </span>
  );
}

export function PersonState({ person }: { readonly person: Principal }) {
  const { t } = useSpeech();
  return (
    <span className={styles.badges}>
      {person.suspended ? (
        <span title={person.suspended}>
          <Badge tone="bad">{t("people.suspended")}</Badge>
        </span>
      ) : (
        <Badge tone="ok">{t("people.active")}</Badge>
      )}
      {person.has_second_factor && <Badge tone="accent">{t("people.second")}</Badge>}
    </span>
  );
}
