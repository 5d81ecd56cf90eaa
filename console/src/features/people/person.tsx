/** One of those who act here: what they may, how they prove it, where they are signed in. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "wouter";
import { useApi } from "~/api/context";
import { type Principal, principalQuery, sessionsQuery, useEndSession } from "~/api/tenancy";
import { useMay } from "~/features/shared/may";
import { SessionTable } from "~/features/shared/session-table";
import { useSpeech } from "~/lib/i18n/context";
import { Alert, Fault } from "~/ui/alert";
import { Loading } from "~/ui/empty";
import { Facts } from "~/ui/facts";
import { Page } from "~/ui/page";
import { Panel } from "~/ui/panel";
import { Moment, Since } from "~/ui/since";
import { PersonState, RoleBadges } from "./people";
import { PersonActions } from "./person-actions";

interface PersonProps {
  readonly tenant: string;
  readonly name: string;
}

export default function Person({ tenant, name }: PersonProps) {
  const { t } = useSpeech();
  const { may } = useMay();
  const query = useQuery(principalQuery(useApi(), tenant, name));
  const person = query.data;
  return (
    <Page
      title={person?.title || name}
      back={<Link href={`/people?tenant=${encodeURIComponent(tenant)}`}>← {t("people.all")}</Link>}
      actions={person && may("principals:write") && <PersonActions person={person} />}
    >
      <Fault error={query.error} />
      {query.isPending && <Loading />}
      {person && <About person={person} />}
      {person && <Sessions person={person} />}
    </Page>
  );
}

function About({ person }: { readonly person: Principal }) {
  const { t } = useSpeech();
  const attributes = Object.entries(person.attributes).map(([name, value]) => `${name} = ${value}`);
  const keys = `/keys?tenant=${encodeURIComponent(person.tenant)}&principal=${encodeURIComponent(person.name)}`;
  return (
    <Panel>
      {person.suspended && <Alert tone="bad">{person.suspended}</Alert>}
      <Facts
        items={[
          [t("people.who"), `${person.tenant} / ${person.name}`],
          [t("common.kind"), t(`people.kind_${person.kind}`)],
          [t("common.state"), <PersonState key="state" person={person} />],
          ...(person.email ? [[t("people.email"), person.email] as const] : []),
          [t("people.roles"), <RoleBadges key="roles" person={person} />],
          [t("people.hasPassword"), t(person.has_password ? "people.set" : "people.notSet")],
          ...(person.subject ? [[t("people.subject"), person.subject] as const] : []),
          ...(attributes.length > 0 ? [[t("people.attributes"), attributes.join(", ")] as const] : []),
          [t("common.created"), person.created_at > 0 ? <Moment key="made" at={person.created_at} /> : "–"],
          [t("people.seen"), person.seen_at ? <Since key="seen" at={person.seen_at} /> : t("people.never")],
          [
            t("people.keys"),
            <Link key="keys" href={keys}>
              {t("keys.title")}
            </Link>,
          ],
        ]}
      />
    </Panel>
  );
}

function Sessions({ person }: { readonly person: Principal }) {
  const { t } = useSpeech();
  const { may } = useMay();
  const sessions = useQuery(sessionsQuery(useApi(), person));
  const end = useEndSession();
  const onEnd = may("sessions:write") ? (id: string) => end.mutate(id) : undefined;
  if (person.kind === "service") return null;
  return (
    <Panel title={t("people.sessions")} flush>
      <Fault error={sessions.error ?? end.error} />
      {sessions.data && <SessionTable sessions={sessions.data} busy={end.isPending} onEnd={onEnd} />}
    </Panel>
  );
}
