/** Price a span anew, after the price book has changed. */
import { useState } from "react";
import { Link } from "wouter";
import { useRecompute } from "~/api/metering";
import type { Span } from "~/features/shared/span";
import { useSpeech } from "~/lib/i18n/context";
import { Alert, Fault } from "~/ui/alert";
import { Dialog, DialogForm } from "~/ui/dialog";
import { TextField } from "~/ui/field";

interface RecomputeDialogProps {
  readonly span: Span;
  readonly onClose: () => void;
}

export function RecomputeDialog({ span, onClose }: RecomputeDialogProps) {
  const { t, format } = useSpeech();
  const [model, setModel] = useState("");
  const recompute = useRecompute();
  return (
    <Dialog title={t("usage.recomputeTitle")} onClose={onClose}>
      <DialogForm
        submit={t("usage.recompute")}
        busy={recompute.isPending}
        ready={recompute.data === undefined}
        onSubmit={() => recompute.mutate({ start: span.start, end: span.end, model: model.trim() })}
        onClose={onClose}
      >
        <p>{t("usage.recomputeLead")}</p>
        <p>
          {format.time(span.start)} – {format.time(span.end)}
        </p>
        <TextField
          label={t("usage.recomputeModel")}
          hint={t("usage.recomputeAll")}
          spellCheck={false}
          value={model}
          onChange={(event) => setModel(event.target.value)}
        />
        {recompute.data && (
          <Alert tone="ok">
            {t("usage.recomputing", { job: recompute.data.job })} <Link href="/jobs">{t("jobs.title")}</Link>
          </Alert>
        )}
        <Fault error={recompute.error} />
      </DialogForm>
    </Dialog>
  );
}
