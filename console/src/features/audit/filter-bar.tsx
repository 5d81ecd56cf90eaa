/** Narrow the trail down. */
import { type FormEvent, useState } from "react";
import type { Outcome } from "~/api/governance";
import { useSpeech } from "~/lib/i18n/context";
import { Button } from "~/ui/button";
import { Choice } from "~/ui/choice";
import { FieldRow, TextField } from "~/ui/field";
import styles from "./audit.module.css";
import type { AuditFilters } from "./audit-filters";

interface FilterBarProps {
  readonly filters: AuditFilters;
  readonly onChange: (filters: AuditFilters) => void;
}

export function FilterBar({ filters, onChange }: FilterBarProps) {
  const { t } = useSpeech();
  const [typed, setTyped] = useState(filters);
  const set = (part: Partial<AuditFilters>) => setTyped({ ...typed, ...part });
  const submitted = (event: FormEvent) => {
    event.preventDefault();
    onChange({ ...typed, principal: typed.principal.trim(), action: typed.action.trim(), outcome: filters.outcome });
  };
  return (
    <form className={styles.filters} onSubmit={submitted}>
      <Choice<Outcome | "any" | "changes">
        label={t("audit.outcome")}
        options={[
          { value: "any", label: t("audit.any") },
          { value: "changes", label: t("audit.changes") },
          { value: "done", label: t("audit.outcome_done") },
          { value: "denied", label: t("audit.outcome_denied") },
          { value: "failed", label: t("audit.outcome_failed") },
        ]}
        value={filters.outcome}
        onChange={(outcome) => onChange({ ...filters, outcome })}
      />
      <FieldRow>
        <TextField
          label={t("audit.filterWho")}
          spellCheck={false}
          value={typed.principal}
          onChange={(event) => set({ principal: event.target.value })}
        />
        <TextField
          label={t("audit.filterWhat")}
          placeholder="keys:write"
          spellCheck={false}
          value={typed.action}
          onChange={(event) => set({ action: event.target.value })}
        />
        <TextField
          label={t("audit.filterSince")}
          type="date"
          value={typed.since}
          onChange={(event) => set({ since: event.target.value })}
        />
        <TextField
          label={t("audit.filterUntil")}
          type="date"
          value={typed.until}
          onChange={(event) => set({ until: event.target.value })}
        />
        <div className={styles.apply}>
          <Button type="submit" icon="search">
            {t("audit.filter")}
          </Button>
        </div>
      </FieldRow>
    </form>
  );
}
