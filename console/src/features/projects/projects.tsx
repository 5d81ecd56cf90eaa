/** The projects of a tenant: what belongs together, and what it cost. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useSearchParams } from "wouter";
import { useApi } from "~/api/context";
import { type Project, projectsQuery, useDeleteProject } from "~/api/tenancy";
import { useMay } from "~/features/shared/may";
import { useSpeech } from "~/lib/i18n/context";
import { Fault } from "~/ui/alert";
import { Button } from "~/ui/button";
import { Confirm } from "~/ui/confirm";
import { Empty, Loading } from "~/ui/empty";
import { Page } from "~/ui/page";
import { Panel } from "~/ui/panel";
import { ProjectDialog } from "./project-dialog";
import { ProjectTable } from "./project-table";

type Open =
  | { readonly kind: "edit"; readonly project: Project | null }
  | { readonly kind: "delete"; readonly project: Project };

export default function Projects() {
  const { t } = useSpeech();
  const { may } = useMay();
  const [search, setSearch] = useSearchParams();
  const [open, setOpen] = useState<Open | null>(search.get("new") === null ? null : { kind: "edit", project: null });
  const query = useQuery(projectsQuery(useApi(), search.get("tenant") ?? ""));
  const close = () => {
    setOpen(null);
    if (search.get("new") !== null) setSearch({}, { replace: true });
  };
  return (
    <Page
      title={t("projects.title")}
      lead={t("projects.lead")}
      actions={
        may("projects:write") && (
          <Button kind="primary" icon="plus" onClick={() => setOpen({ kind: "edit", project: null })}>
            {t("projects.create")}
          </Button>
        )
      }
    >
      <Fault error={query.error} />
      {query.isPending && <Loading />}
      {query.data && (
        <Panel flush>
          {query.data.length === 0 ? (
            <Empty title={t("projects.emptyTitle")} />
          ) : (
            <ProjectTable
              projects={query.data}
              onEdit={(project) => setOpen({ kind: "edit", project })}
              onDelete={(project) => setOpen({ kind: "delete", project })}
            />
          )}
        </Panel>
      )}
      {open?.kind === "edit" && <ProjectDialog project={open.project} onClose={close} />}
      {open?.kind === "delete" && <DeleteDialog project={open.project} onClose={close} />}
    </Page>
  );
}

function DeleteDialog({ project, onClose }: { readonly project: Project; readonly onClose: () => void }) {
  const { t } = useSpeech();
  const remove = useDeleteProject();
  return (
    <Confirm
      title={t("projects.deleteTitle", { name: project.name })}
      submit={t("common.delete")}
      change={remove}
      variables={project}
      onClose={onClose}
    >
      <p>{t("projects.deleteLead")}</p>
    </Confirm>
  );
}
