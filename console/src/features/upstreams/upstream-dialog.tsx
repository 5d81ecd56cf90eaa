/** Open an account of a vendor to this house: its name, what its address needs, and a credential. */
import type { UseMutationResult } from "@tanstack/react-query";
import { useState } from "react";
import { useChange } from "~/api/change";
import { useApi } from "~/api/context";
import { addCredential, type Provider, putUpstream } from "~/api/upstreams";
import { useSpeech } from "~/lib/i18n/context";
import { Alert, Fault } from "~/ui/alert";
import { Dialog, DialogForm } from "~/ui/dialog";
import { FieldRow, TextField } from "~/ui/field";
import { CredentialFields, hasSecret, NO_SECRET, type Secret } from "./credential-fields";

interface UpstreamDialogProps {
  readonly provider: Provider;
  readonly onAdded: () => void;
  readonly onClose: () => void;
}

interface UpstreamForm {
  readonly name: string;
  readonly baseUrl: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly secret: Secret;
}

export function UpstreamDialog({ provider, onAdded, onClose }: UpstreamDialogProps) {
  const { t } = useSpeech();
  const add = useAddUpstream(provider);
  const [form, setForm] = useState<UpstreamForm>({
    name: provider.name,
    baseUrl: "",
    variables: {},
    secret: NO_SECRET,
  });
  const set = (part: Partial<UpstreamForm>) => setForm({ ...form, ...part });
  const free = provider.auth === "none";
  return (
    <Dialog title={t("upstreams.addTitle", { title: provider.title || provider.name })} onClose={onClose}>
      <DialogForm
        submit={t("upstreams.add")}
        busy={add.isPending}
        ready={free || hasSecret(form.secret)}
        onSubmit={() => add.mutate(form, { onSuccess: ({ fault }) => fault === null && onAdded() })}
        onClose={onClose}
      >
        <FieldRow>
          <TextField
            label={t("common.name")}
            hint={t("upstreams.nameHint")}
            required
            spellCheck={false}
            value={form.name}
            onChange={(event) => set({ name: event.target.value })}
          />
          <TextField
            label={t("upstreams.baseUrl")}
            required={provider.base_url === ""}
            {...(provider.base_url !== "" && { hint: t("upstreams.baseUrlHint", { url: provider.base_url }) })}
            spellCheck={false}
            value={form.baseUrl}
            onChange={(event) => set({ baseUrl: event.target.value })}
          />
        </FieldRow>
        {provider.variables.length > 0 && (
          <FieldRow>
            {provider.variables.map((name) => (
              <TextField
                key={name}
                label={name}
                required
                spellCheck={false}
                value={form.variables[name] ?? ""}
                onChange={(event) => set({ variables: { ...form.variables, [name]: event.target.value } })}
              />
            ))}
          </FieldRow>
        )}
        {!free && (
          <CredentialFields
            value={form.secret}
            environment={provider.environment}
            onChange={(part) => set({ secret: { ...form.secret, ...part } })}
          />
        )}
        {add.data?.fault != null && <Alert tone="bad">{t("upstreams.credentialFailed")}</Alert>}
        <Fault error={add.error ?? add.data?.fault} />
      </DialogForm>
    </Dialog>
  );
}

interface Added {
  readonly fault: unknown;
}

/** First the upstream, then its credential; done twice, both come to the same. */
function useAddUpstream(provider: Provider): UseMutationResult<Added, Error, UpstreamForm> {
  const api = useApi();
  return useChange(["upstreams"], async ({ name, baseUrl, variables, secret }: UpstreamForm): Promise<Added> => {
    const upstream = name.trim();
    const base_url = baseUrl.trim() === "" ? null : baseUrl.trim();
    await putUpstream(api, { name: upstream, provider: provider.name, base_url, variables });
    if (!hasSecret(secret)) return { fault: null };
    try {
      await addCredential(api, { ...secret, upstream, secret: secret.secret.trim() });
      return { fault: null };
    } catch (fault) {
      return { fault };
    }
  });
}
