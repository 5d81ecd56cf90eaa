/** An authenticator beside the password: set up, confirmed by its first code, and codes for the day it is lost. */
import { type FormEvent, useState } from "react";
import {
  type Me,
  type SecondFactor,
  useBeginSecondFactor,
  useConfirmSecondFactor,
  useRemoveSecondFactor,
} from "~/api/me";
import { useSpeech } from "~/lib/i18n/context";
import { Alert, Fault } from "~/ui/alert";
import { Badge } from "~/ui/badge";
import { Button } from "~/ui/button";
import { CopyButton } from "~/ui/copy";
import { Dialog, DialogForm } from "~/ui/dialog";
import { TextField } from "~/ui/field";
import { Panel } from "~/ui/panel";
import styles from "./me.module.css";

export function SecondFactorPanel({ me }: { readonly me: Me }) {
  const { t } = useSpeech();
  const begin = useBeginSecondFactor();
  // Here and not in its form, which goes as soon as the factor is on: the codes must outlive it.
  const confirm = useConfirmSecondFactor();
  const codes = confirm.data?.codes;
  const [removing, setRemoving] = useState(false);
  const on = me.has_second_factor;
  return (
    <Panel
      title={t("me.second")}
      actions={<Badge tone={on ? "ok" : "idle"}>{t(on ? "people.set" : "people.notSet")}</Badge>}
    >
      <div className={styles.form}>
        <p className={styles.lead}>{t(on ? "me.secondOn" : "me.secondOff")}</p>
        <Fault error={begin.error} />
        {begin.data && !codes && !on && <Confirm factor={begin.data} confirm={confirm} />}
        {!on && !begin.data && (
          <div>
            <Button kind="primary" icon="shield" busy={begin.isPending} onClick={() => begin.mutate()}>
              {t("me.setUp")}
            </Button>
          </div>
        )}
        {on && !codes && (
          <div>
            <Button kind="danger" onClick={() => setRemoving(true)}>
              {t("me.remove")}
            </Button>
          </div>
        )}
      </div>
      {codes && <Recovery codes={codes} onClose={confirm.reset} />}
      {removing && (
        <Remove
          onClose={() => {
            setRemoving(false);
            begin.reset();
          }}
        />
      )}
    </Panel>
  );
}

interface ConfirmProps {
  readonly factor: SecondFactor;
  readonly confirm: ReturnType<typeof useConfirmSecondFactor>;
}

function Confirm({ factor, confirm }: ConfirmProps) {
  const { t } = useSpeech();
  const [code, setCode] = useState("");
  const submitted = (event: FormEvent) => {
    event.preventDefault();
    confirm.mutate(code.replaceAll(" ", ""));
  };
  return (
    <form className={styles.form} onSubmit={submitted}>
      <p>{t("me.scan")}</p>
      {/* As an image: whatever an SVG may bring along, an image runs no scripts. */}
      <img
        className={styles.qr}
        src={`data:image/svg+xml;utf8,${encodeURIComponent(factor.svg)}`}
        alt={t("me.qr")}
        width={196}
        height={196}
      />
      <TextField label={t("me.secret")} readOnly value={factor.secret} onFocus={(event) => event.target.select()} />
      <TextField
        label={t("session.code")}
        inputMode="numeric"
        autoComplete="one-time-code"
        pattern="[0-9 ]{6,7}"
        required
        value={code}
        onChange={(event) => setCode(event.target.value)}
      />
      <Fault error={confirm.error} />
      <div>
        <Button type="submit" kind="primary" busy={confirm.isPending}>
          {t("me.confirm")}
        </Button>
      </div>
    </form>
  );
}

interface RecoveryProps {
  readonly codes: readonly string[];
  readonly onClose: () => void;
}

function Recovery({ codes, onClose }: RecoveryProps) {
  const { t } = useSpeech();
  return (
    <Dialog title={t("me.recovery")} onClose={onClose}>
      <div className={styles.form}>
        <Alert tone="busy">{t("me.recoveryLead")}</Alert>
        <ul className={styles.codes} aria-label={t("me.recovery")}>
          {codes.map((code) => (
            <li key={code}>
              <code>{code}</code>
            </li>
          ))}
        </ul>
        <div className={styles.foot}>
          <CopyButton text={codes.join("\n")} />
          <Button kind="primary" onClick={onClose}>
            {t("me.kept")}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}

function Remove({ onClose }: { readonly onClose: () => void }) {
  const { t } = useSpeech();
  const remove = useRemoveSecondFactor();
  const [code, setCode] = useState("");
  return (
    <Dialog title={t("me.removeTitle")} onClose={onClose}>
      <DialogForm
        danger
        submit={t("me.remove")}
        busy={remove.isPending}
        onSubmit={() => remove.mutate(code.trim(), { onSuccess: onClose })}
        onClose={onClose}
      >
        <p>{t("me.removeLead")}</p>
        <TextField
          label={t("session.code")}
          hint={t("session.codeHint")}
          autoComplete="one-time-code"
          value={code}
          onChange={(event) => setCode(event.target.value)}
        />
        <Fault error={remove.error} />
      </DialogForm>
    </Dialog>
  );
}
