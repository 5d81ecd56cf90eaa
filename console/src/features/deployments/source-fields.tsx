/** Where the answers shall come from. */
import { useQuery } from "@tanstack/react-query";
import { useApi } from "~/api/context";
import type { Model } from "~/api/types";
import { upstreamsQuery } from "~/api/upstreams";
import { useMay } from "~/features/shared/may";
import { useSpeech } from "~/lib/i18n/context";
import { FieldRow, SelectField, TextField } from "~/ui/field";
import type { DeployForm } from "./deploy-form";

const ENGINES = ["llamacpp", "openvino", "onnx"];

interface SourceFieldsProps {
  readonly form: DeployForm;
  readonly onChange: (part: Partial<DeployForm>) => void;
}

export function RegistryFields({ form, models, onChange }: SourceFieldsProps & { readonly models: readonly Model[] }) {
  const { t } = useSpeech();
  const choose = (model: string) =>
    onChange({ model, name: form.name === "" || form.name === form.model ? model : form.name });
  return (
    <>
      <FieldRow>
        <SelectField
          label={t("common.model")}
          required
          value={form.model}
          onChange={(event) => choose(event.target.value)}
        >
          <option value="" />
          {form.model !== "" && !models.some((model) => model.name === form.model) && <option>{form.model}</option>}
          {models.map((model) => (
            <option key={model.name}>{model.name}</option>
          ))}
        </SelectField>
        <TextField
          label={t("deployments.reference")}
          required
          spellCheck={false}
          value={form.reference}
          onChange={(event) => onChange({ reference: event.target.value })}
        />
      </FieldRow>
      <FieldRow>
        <SelectField
          label={t("deployments.engine")}
          value={form.engine}
          onChange={(event) => onChange({ engine: event.target.value })}
        >
          <option value="auto">{t("deployments.auto")}</option>
          {ENGINES.map((engine) => (
            <option key={engine}>{engine}</option>
          ))}
        </SelectField>
        <TextField
          label={t("deployments.replicas")}
          type="number"
          min={0}
          value={form.replicas}
          onChange={(event) => onChange({ replicas: event.target.valueAsNumber })}
        />
        <TextField
          label={t("deployments.context")}
          hint={t("deployments.contextHint")}
          type="number"
          min={0}
          value={form.contextLength}
          onChange={(event) => onChange({ contextLength: event.target.valueAsNumber })}
        />
      </FieldRow>
    </>
  );
}

export function RemoteFields({ form, onChange }: SourceFieldsProps) {
  const { t } = useSpeech();
  const { may } = useMay();
  const { data: accounts } = useQuery({ ...upstreamsQuery(useApi()), enabled: may("upstreams:read") });
  return (
    <>
      {accounts && accounts.length > 0 && (
        <SelectField
          label={t("deployments.account")}
          value={form.upstream}
          onChange={(event) => onChange({ upstream: event.target.value })}
        >
          <option value="">{t("deployments.noAccount")}</option>
          {accounts.map(({ spec }) => (
            <option key={spec.name}>{spec.name}</option>
          ))}
        </SelectField>
      )}
      {form.upstream === "" && (
        <TextField
          label={t("deployments.baseUrl")}
          hint={t("deployments.baseUrlHint")}
          type="url"
          required
          value={form.baseUrl}
          onChange={(event) => onChange({ baseUrl: event.target.value })}
        />
      )}
      <FieldRow>
        <TextField
          label={t("deployments.remoteModel")}
          required
          spellCheck={false}
          value={form.remoteModel}
          onChange={(event) => onChange({ remoteModel: event.target.value })}
        />
        {form.upstream === "" && (
          <TextField
            label={t("deployments.secret")}
            hint={t("deployments.secretHint")}
            spellCheck={false}
            value={form.secret}
            onChange={(event) => onChange({ secret: event.target.value })}
          />
        )}
      </FieldRow>
    </>
  );
}
