/** Train by a recipe that came with the house. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useApi } from "~/api/context";
import { recipesQuery, useStartRun } from "~/api/training";
import type { Recipe } from "~/api/types";
import { useSpeech } from "~/lib/i18n/context";
import { Fault } from "~/ui/alert";
import { Dialog, DialogForm } from "~/ui/dialog";
import { Loading } from "~/ui/empty";
import { FieldRow, SelectField, TextField } from "~/ui/field";
import styles from "./training.module.css";

interface StartDialogProps {
  readonly onClose: () => void;
}

export function StartDialog({ onClose }: StartDialogProps) {
  const { t } = useSpeech();
  const recipes = useQuery(recipesQuery(useApi()));
  return (
    <Dialog title={t("training.start")} onClose={onClose}>
      <Fault error={recipes.error} />
      {recipes.isPending && <Loading />}
      {recipes.data && <StartForm recipes={recipes.data} onClose={onClose} />}
    </Dialog>
  );
}

function StartForm({ recipes, onClose }: StartDialogProps & { readonly recipes: readonly Recipe[] }) {
  const { t } = useSpeech();
  const start = useStartRun();
  const [name, setName] = useState(recipes[0]?.name ?? "");
  const [profile, setProfile] = useState("");
  const [model, setModel] = useState("");
  const recipe = recipes.find((item) => item.name === name);
  const chosen = recipe?.profiles.includes(profile) ? profile : (recipe?.profiles[0] ?? "");
  return (
    <DialogForm
      submit={t("training.start")}
      busy={start.isPending}
      ready={recipe !== undefined}
      onSubmit={() => start.mutate({ recipe: name, profile: chosen, model: model.trim() }, { onSuccess: onClose })}
      onClose={onClose}
    >
      <FieldRow>
        <SelectField label={t("training.recipe")} value={name} onChange={(event) => setName(event.target.value)}>
          {recipes.map((item) => (
            <option key={item.name}>{item.name}</option>
          ))}
        </SelectField>
        <SelectField label={t("training.profile")} value={chosen} onChange={(event) => setProfile(event.target.value)}>
          {recipe?.profiles.map((item) => (
            <option key={item}>{item}</option>
          ))}
        </SelectField>
      </FieldRow>
      {recipe && (
        <p className={styles.recipe}>
          {recipe.summary} ({recipe.license})
        </p>
      )}
      <TextField
        label={t("common.model")}
        hint={t("training.modelHint")}
        placeholder={recipe?.model}
        spellCheck={false}
        value={model}
        onChange={(event) => setModel(event.target.value)}
      />
      <Fault error={start.error} />
    </DialogForm>
  );
}
