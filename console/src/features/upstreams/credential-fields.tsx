/** A secret for an upstream, or where one lies; what is typed here is sent once and kept nowhere in the page. */
import { useSpeech } from "~/lib/i18n/context";
import { FieldRow, TextField } from "~/ui/field";

export interface Secret {
  readonly name: string;
  readonly secret: string;
  readonly reference: string;
}

export const NO_SECRET: Secret = { name: "main", secret: "", reference: "" };

export function hasSecret({ secret, reference }: Secret): boolean {
  return secret.trim() !== "" || reference.trim() !== "";
}

interface CredentialFieldsProps {
  readonly value: Secret;
  /** The variable in which the vendor's own tools keep a secret. */
  readonly environment?: string;
  readonly onChange: (part: Partial<Secret>) => void;
}

export function CredentialFields({ value, environment, onChange }: CredentialFieldsProps) {
  const { t } = useSpeech();
  return (
    <>
      <TextField
        label={t("upstreams.credentialName")}
        required
        spellCheck={false}
        value={value.name}
        onChange={(event) => onChange({ name: event.target.value })}
      />
      <FieldRow>
        <TextField
          label={t("upstreams.credential")}
          hint={t("upstreams.credentialHint")}
          type="password"
          autoComplete="off"
          disabled={value.reference !== ""}
          value={value.secret}
          onChange={(event) => onChange({ secret: event.target.value })}
        />
        <TextField
          label={t("upstreams.reference")}
          hint={t("upstreams.referenceHint")}
          spellCheck={false}
          disabled={value.secret !== ""}
          {...(environment && { placeholder: `env://${environment}` })}
          value={value.reference}
          onChange={(event) => onChange({ reference: event.target.value })}
        />
      </FieldRow>
    </>
  );
}
