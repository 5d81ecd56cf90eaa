/** What can be done with somebody: change, shut out, help back in, let go. */
import { useState } from "react";
import { useLocation } from "wouter";
import { type Principal, useDeletePrincipal, usePutPrincipal, useRemoveSecondFactorOf } from "~/api/tenancy";
import { useSpeech } from "~/lib/i18n/context";
import { Alert, Fault } from "~/ui/alert";
import { Button } from "~/ui/button";
import { Confirm } from "~/ui/confirm";
import { Dialog, DialogForm } from "~/ui/dialog";
import { TextField } from "~/ui/field";
import { PersonDialog } from "./person-dialog";
import { changed, thinkOfPassword } from "./person-form";

type Deed = "edit" | "suspend" | "reset" | "second" | "delete" | null;

export function PersonActions({ person }: { readonly person: Principal }) {
  const { t } = useSpeech();
  const [deed, setDeed] = useState<Deed>(null);
  const put = usePutPrincipal();
  const close = () => setDeed(null);
  return (
    <>
      <Button icon="edit" onClick={() => setDeed("edit")}>
        {t("common.edit")}
      </Button>
      {person.kind === "user" && <Button onClick={() => setDeed("reset")}>{t("people.resetPassword")}</Button>}
      {person.has_second_factor && <Button onClick={() => setDeed("second")}>{t("people.removeSecond")}</Button>}
      {person.suspended ? (
        <Button busy={put.isPending} onClick={() => put.mutate(changed(person, { suspended: "" }))}>
          {t("people.resume")}
        </Button>
      ) : (
        <Button kind="danger" onClick={() => setDeed("suspend")}>
          {t("people.suspend")}
        </Button>
      )}
      <Button kind="danger" icon="trash" onClick={() => setDeed("delete")}>
        {t("people.delete")}
      </Button>
      <Fault error={put.error} />
      {deed === "edit" && <PersonDialog principal={person} tenant={person.tenant} onClose={close} />}
      {deed === "reset" && <ResetDialog person={person} onClose={close} />}
      {deed === "suspend" && <SuspendDialog person={person} onClose={close} />}
      {deed === "second" && <SecondDialog person={person} onClose={close} />}
      {deed === "delete" && <DeleteDialog person={person} onClose={close} />}
    </>
  );
}

interface DeedProps {
  readonly person: Principal;
  readonly onClose: () => void;
}

function ResetDialog({ person, onClose }: DeedProps) {
  const { t } = useSpeech();
  const put = usePutPrincipal();
  const [password, setPassword] = useState("");
  return (
    <Dialog title={t("people.resetTitle", { name: person.name })} onClose={onClose}>
      <DialogForm
        submit={t("people.resetPassword")}
        busy={put.isPending}
        ready={!put.isSuccess}
        onSubmit={() => put.mutate(changed(person, { password }))}
        onClose={onClose}
      >
        <p>{t("people.resetLead")}</p>
        <TextField
          label={t("people.password")}
          hint={t("people.passwordHint")}
          autoComplete="off"
          spellCheck={false}
          minLength={12}
          required
          value={password}
          onChange={(event) => setPassword(event.target.value)}
        />
        <div>
          <Button small icon="restart" onClick={() => setPassword(thinkOfPassword())}>
            {t("people.generate")}
          </Button>
        </div>
        {put.isSuccess && <Alert tone="ok">{t("people.resetDone")}</Alert>}
        <Fault error={put.error} />
      </DialogForm>
    </Dialog>
  );
}

function SuspendDialog({ person, onClose }: DeedProps) {
  const { t } = useSpeech();
  const put = usePutPrincipal();
  const [why, setWhy] = useState("");
  return (
    <Dialog title={t("people.suspendTitle", { name: person.name })} onClose={onClose}>
      <DialogForm
        danger
        submit={t("people.suspend")}
        busy={put.isPending}
        onSubmit={() => put.mutate(changed(person, { suspended: why.trim() }), { onSuccess: onClose })}
        onClose={onClose}
      >
        <p>{t("people.suspendLead")}</p>
        <TextField
          label={t("people.why")}
          hint={t("tenants.whyHint")}
          required
          value={why}
          onChange={(event) => setWhy(event.target.value)}
        />
        <Fault error={put.error} />
      </DialogForm>
    </Dialog>
  );
}

function SecondDialog({ person, onClose }: DeedProps) {
  const { t } = useSpeech();
  const remove = useRemoveSecondFactorOf();
  return (
    <Confirm
      title={t("people.removeSecond")}
      submit={t("people.removeSecond")}
      change={remove}
      variables={person}
      onClose={onClose}
    >
      <p>{t("people.removeSecondLead")}</p>
    </Confirm>
  );
}

function DeleteDialog({ person, onClose }: DeedProps) {
  const { t } = useSpeech();
  const [, go] = useLocation();
  const remove = useDeletePrincipal();
  return (
    <Dialog title={t("people.deleteTitle", { name: person.name })} onClose={onClose}>
      <DialogForm
        danger
        submit={t("people.delete")}
        busy={remove.isPending}
        onSubmit={() =>
          remove.mutate(person, { onSuccess: () => go(`/people?tenant=${encodeURIComponent(person.tenant)}`) })
        }
        onClose={onClose}
      >
        <p>{t("people.deleteLead")}</p>
        <Fault error={remove.error} />
      </DialogForm>
    </Dialog>
  );
}
