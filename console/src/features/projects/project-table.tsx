/** Projects with their cost of the last days, and the ways on from each. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "wouter";
import { useApi } from "~/api/context";
import { MILLION, usageQuery } from "~/api/metering";
import type { Project } from "~/api/tenancy";
import { useMay } from "~/features/shared/may";
import { spanOf } from "~/features/shared/span";
import { useSpeech } from "~/lib/i18n/context";
import { ButtonLink, IconButton } from "~/ui/button";
import { Moment } from "~/ui/since";
import { Table } from "~/ui/table";
import styles from "./projects.module.css";

interface ProjectTableProps {
  readonly projects: readonly Project[];
  readonly onEdit: (project: Project) => void;
  readonly onDelete: (project: Project) => void;
}

export function ProjectTable({ projects, onEdit, onDelete }: ProjectTableProps) {
  const { t } = useSpeech();
  const costs = useCosts();
  return (
    <Table
      caption={t("projects.title")}
      figures={[1]}
      head={[
        t("common.project"),
        t("projects.cost30"),
        t("common.created"),
        <span key="actions" className="unseen">
          {t("common.actions")}
        </span>,
      ]}
    >
      {projects.map((project) => (
        <ProjectRow
          key={`${project.tenant}/${project.name}`}
          project={project}
          cost={costs(project)}
          onEdit={() => onEdit(project)}
          onDelete={() => onDelete(project)}
        />
      ))}
    </Table>
  );
}

interface ProjectRowProps {
  readonly project: Project;
  readonly cost: string;
  readonly onEdit: () => void;
  readonly onDelete: () => void;
}

function ProjectRow({ project, cost, onEdit, onDelete }: ProjectRowProps) {
  const { t } = useSpeech();
  const { may, me } = useMay();
  const { name } = project;
  const which = `project=${encodeURIComponent(name)}`;
  return (
    <tr>
      <th scope="row">
        {project.title || name}
        <p className={styles.name}>{project.tenant === me?.tenant ? name : `${project.tenant} / ${name}`}</p>
      </th>
      <td>{may("usage:read") ? <Link href={`/usage?span=month30&by=key&${which}`}>{cost}</Link> : "–"}</td>
      <td>{project.created_at > 0 ? <Moment at={project.created_at} /> : "–"}</td>
      <td>
        <span className={styles.actions}>
          {may("keys:write") && (
            <ButtonLink icon="keys" href={`/keys?new=1&${which}`}>
              {t("projects.key")}
            </ButtonLink>
          )}
          {may("limits:write") && (
            <ButtonLink icon="limits" href={`/limits?${which}`}>
              {t("projects.budget")}
            </ButtonLink>
          )}
          {may("projects:write") && (
            <>
              <IconButton icon="edit" label={t("projects.editTitle", { name })} onClick={onEdit} />
              <IconButton
                icon="trash"
                label={t("projects.deleteTitle", { name })}
                disabled={name === "default"}
                onClick={onDelete}
              />
            </>
          )}
        </span>
      </td>
    </tr>
  );
}

/** One question for all projects. */
function useCosts(): (project: Project) => string {
  const { format } = useSpeech();
  const { may } = useMay();
  const [span] = useState(() => spanOf("month30", Date.now() / 1000));
  const query = { ...span, bucket: "all", groupBy: ["tenant", "project"], filters: {} } as const;
  const { data } = useQuery({ ...usageQuery(useApi(), query, true), enabled: may("usage:read") });
  return ({ tenant, name }) => {
    const row = data?.rows.find(({ group }) => group[0] === tenant && group[1] === name);
    return format.money((row?.cost ?? 0) / MILLION, data?.currency);
  };
}
