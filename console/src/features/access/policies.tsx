/** Policies in Cedar: listed, and one at a time opened in an editor. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useApi } from "~/api/context";
import { type Policy, policiesQuery, useDeletePolicy, usePutPolicy } from "~/api/governance";
import { useMay } from "~/features/shared/may";
import { useSpeech } from "~/lib/i18n/context";
import { Fault } from "~/ui/alert";
import { Badge } from "~/ui/badge";
import { Button, IconButton } from "~/ui/button";
import { Confirm } from "~/ui/confirm";
import { Empty, Loading } from "~/ui/empty";
import { CheckField } from "~/ui/field";
import { Panel } from "~/ui/panel";
import styles from "./access.module.css";
import { PolicyEditor } from "./policy-editor";

type Open =
  | { readonly kind: "edit"; readonly policy: Policy | null }
  | { readonly kind: "delete"; readonly policy: Policy };

export function Policies() {
  const { t } = useSpeech();
  const { may } = useMay();
  const [open, setOpen] = useState<Open | null>(null);
  const query = useQuery(policiesQuery(useApi()));
  const close = () => setOpen(null);
  if (open?.kind === "edit") return <PolicyEditor policy={open.policy} onClose={close} />;
  return (
    <>
      <Fault error={query.error} />
      {query.isPending && <Loading />}
      {query.data && (
        <Panel
          title={t("access.tabPolicies")}
          actions={
            may("policies:write") && (
              <Button small icon="plus" onClick={() => setOpen({ kind: "edit", policy: null })}>
                {t("access.createPolicy")}
              </Button>
            )
          }
        >
          {query.data.length === 0 && (
            <Empty title={t("access.policiesEmpty")}>
              <p>{t("access.policiesEmptyLead")}</p>
            </Empty>
          )}
          <ul className={styles.policies}>
            {query.data.map((policy) => (
              <li key={policy.name}>
                <PolicyItem policy={policy} onOpen={setOpen} />
              </li>
            ))}
          </ul>
        </Panel>
      )}
      {open?.kind === "delete" && <DeletePolicy policy={open.policy} onClose={close} />}
    </>
  );
}

interface PolicyItemProps {
  readonly policy: Policy;
  readonly onOpen: (open: Open) => void;
}

function PolicyItem({ policy, onOpen }: PolicyItemProps) {
  const { t } = useSpeech();
  const { may } = useMay();
  const put = usePutPolicy();
  const { name, enabled } = policy;
  return (
    <article aria-label={name}>
      <header className={styles.policyHead}>
        <span className={styles.badges}>
          <h3>{name}</h3>
          <Badge tone={enabled ? "ok" : "idle"}>{t(enabled ? "access.enabled" : "access.disabled")}</Badge>
        </span>
        {may("policies:write") && (
          <span className={styles.actions}>
            <CheckField
              label={t("access.enabled")}
              checked={enabled}
              disabled={put.isPending}
              onChange={(event) => put.mutate({ ...policy, enabled: event.target.checked })}
            />
            <IconButton
              icon="edit"
              label={t("access.editPolicy", { name })}
              onClick={() => onOpen({ kind: "edit", policy })}
            />
            <IconButton
              icon="trash"
              label={t("access.deletePolicy", { name })}
              onClick={() => onOpen({ kind: "delete", policy })}
            />
          </span>
        )}
      </header>
      {policy.description && <p className={styles.faint}>{policy.description}</p>}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: scrollable regions need focus to be scrolled by keys */}
      <pre className={styles.cedar} tabIndex={0}>
        <code>{policy.text}</code>
      </pre>
      <Fault error={put.error} />
    </article>
  );
}

function DeletePolicy({ policy, onClose }: { readonly policy: Policy; readonly onClose: () => void }) {
  const { t } = useSpeech();
  const remove = useDeletePolicy();
  return (
    <Confirm
      title={t("access.deletePolicy", { name: policy.name })}
      submit={t("common.delete")}
      change={remove}
      variables={policy.name}
      onClose={onClose}
    >
      <p>{t("access.deletePolicyLead")}</p>
    </Confirm>
  );
}
