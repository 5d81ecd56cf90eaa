/** Texts become vectors, and a table says how near they are to one another. */
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Link } from "wouter";
import { useApi } from "~/api/context";
import { embed } from "~/api/inference";
import { useSpeech } from "~/lib/i18n/context";
import { Fault } from "~/ui/alert";
import { Button } from "~/ui/button";
import { Empty, Loading } from "~/ui/empty";
import { SelectField, TextArea } from "~/ui/field";
import { Panel } from "~/ui/panel";
import styles from "./embeddings.module.css";
import { SimilarityTable } from "./similarity-table";
import { useModelNames } from "./use-model-names";

const EXAMPLE = "How do I add a replica?\n怎样增加一个副本？\nThe soup needs more salt.";

export function Embeddings() {
  const { t } = useSpeech();
  const api = useApi();
  const models = useModelNames("embeddings");
  const [text, setText] = useState(EXAMPLE);
  const texts = text.split("\n").filter((line) => line.trim() !== "");
  const embedding = useMutation({
    mutationFn: async () => ({ texts, ...(await embed(api, models.chosen, texts)) }),
  });
  const submitted = (event: FormEvent) => {
    event.preventDefault();
    embedding.mutate();
  };
  if (models.loading) return <Loading />;
  if (models.names.length === 0) {
    return (
      <Empty title={t("playground.noModels")}>
        <p>{t("playground.noModelsLead")}</p>
        <Link href="/deployments">{t("shell.deployments")}</Link>
      </Empty>
    );
  }
  return (
    <>
      <Panel>
        <form className={styles.form} onSubmit={submitted}>
          <SelectField
            label={t("common.model")}
            value={models.chosen}
            onChange={(event) => models.choose(event.target.value)}
          >
            {models.names.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </SelectField>
          <TextArea
            label={t("playground.texts")}
            hint={t("playground.textsHint")}
            rows={5}
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
          <div>
            <Button type="submit" kind="primary" busy={embedding.isPending} disabled={texts.length === 0}>
              {t("playground.embed")}
            </Button>
          </div>
          <Fault error={embedding.error ?? models.error} />
        </form>
      </Panel>
      {embedding.data && <SimilarityTable {...embedding.data} />}
    </>
  );
}
