/** The form of the parameters. */
import { useSpeech } from "~/lib/i18n/context";
import { FieldRow, RangeField, TextArea, TextField } from "~/ui/field";
import type { Parameters } from "./parameters";

interface ParameterFieldsProps {
  readonly value: Parameters;
  readonly onChange: (value: Parameters) => void;
}

export function ParameterFields({ value, onChange }: ParameterFieldsProps) {
  const { t } = useSpeech();
  const set = (part: Partial<Parameters>) => onChange({ ...value, ...part });
  return (
    <>
      <TextArea
        label={t("playground.system")}
        rows={2}
        value={value.system}
        onChange={(event) => set({ system: event.target.value })}
      />
      <RangeField
        label={t("playground.temperature")}
        min={0}
        max={2}
        step={0.1}
        value={value.temperature}
        onChange={(event) => set({ temperature: Number(event.target.value) })}
      />
      <RangeField
        label={t("playground.topP")}
        min={0.05}
        max={1}
        step={0.05}
        value={value.topP}
        onChange={(event) => set({ topP: Number(event.target.value) })}
      />
      <FieldRow>
        <TextField
          label={t("playground.maxTokens")}
          inputMode="numeric"
          pattern="[0-9]*"
          value={value.maxTokens}
          onChange={(event) => set({ maxTokens: event.target.value })}
        />
        <TextField
          label={t("playground.seed")}
          placeholder={t("playground.seedHint")}
          inputMode="numeric"
          pattern="[0-9]*"
          value={value.seed}
          onChange={(event) => set({ seed: event.target.value })}
        />
      </FieldRow>
      <TextArea
        label={t("playground.stopSequences")}
        hint={t("playground.stopSequencesHint")}
        rows={1}
        value={value.stop}
        onChange={(event) => set({ stop: event.target.value })}
      />
    </>
  );
}
