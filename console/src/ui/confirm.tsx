/** A second thought before something is done that cannot be undone, or that others will notice. */
import type { UseMutationResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Fault } from "./alert";
import { Dialog, DialogForm } from "./dialog";

interface ConfirmProps<V, R> {
  readonly title: string;
  readonly submit: string;
  readonly change: UseMutationResult<R, Error, V>;
  readonly variables: V;
  readonly onClose: () => void;
  readonly danger?: boolean;
  readonly children: ReactNode;
}

export function Confirm<V, R>({
  title,
  submit,
  change,
  variables,
  onClose,
  danger = true,
  children,
}: ConfirmProps<V, R>) {
  return (
    <Dialog title={title} onClose={onClose}>
      <DialogForm
        danger={danger}
        submit={submit}
        busy={change.isPending}
        onSubmit={() => change.mutate(variables, { onSuccess: onClose })}
        onClose={onClose}
      >
        {children}
        <Fault error={change.error} />
      </DialogForm>
    </Dialog>
  );
}
