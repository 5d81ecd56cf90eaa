/** One model: its versions on one side, the chosen one on the other. */
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link, useSearchParams } from "wouter";
import { useApi } from "~/api/context";
import { modelQuery, versionsQuery } from "~/api/models";
import { allItems } from "~/api/paging";
import type { Version } from "~/api/types";
import { Allowed } from "~/features/shared/allowed";
import { useSpeech } from "~/lib/i18n/context";
import { Fault } from "~/ui/alert";
import { Badge } from "~/ui/badge";
import { ButtonLink } from "~/ui/button";
import { Loading } from "~/ui/empty";
import { More } from "~/ui/more";
import { Page } from "~/ui/page";
import { Panel } from "~/ui/panel";
import { Moment } from "~/ui/since";
import styles from "./models.module.css";
import { VersionDetail } from "./version-detail";

export default function ModelPage({ name }: { readonly name: string }) {
  const { t } = useSpeech();
  const api = useApi();
  const model = useQuery(modelQuery(api, name));
  const query = useInfiniteQuery(versionsQuery(api, name));
  const versions = allItems(query.data);
  const [search, setSearch] = useSearchParams();
  const shown = versions.find((version) => String(version.number) === search.get("version")) ?? versions[0];
  return (
    <Page
      title={name}
      lead={model.data?.description}
      back={<Link href="/models">← {t("models.allModels")}</Link>}
      actions={
        <Allowed to="deployments:write">
          <ButtonLink icon="deployments" href={`/deployments?deploy=${encodeURIComponent(name)}`}>
            {t("models.deploy")}
          </ButtonLink>
        </Allowed>
      }
    >
      <Fault error={model.error ?? query.error} />
      {query.isPending && <Loading />}
      {shown && (
        <div className={styles.columns}>
          <Panel title={t("models.versions")} flush>
            <ul className={styles.versions}>
              {versions.map((version) => (
                <li key={version.number}>
                  <VersionButton
                    version={version}
                    current={version === shown}
                    onChoose={() => setSearch({ version: String(version.number) }, { replace: true })}
                  />
                </li>
              ))}
            </ul>
            <More query={query} />
          </Panel>
          <VersionDetail key={shown.number} version={shown} />
        </div>
      )}
    </Page>
  );
}

interface VersionButtonProps {
  readonly version: Version;
  readonly current: boolean;
  readonly onChoose: () => void;
}

function VersionButton({ version, current, onChoose }: VersionButtonProps) {
  const { t } = useSpeech();
  return (
    <button type="button" className={styles.version} aria-current={current} onClick={onChoose}>
      <span>
        {t("models.version", { n: version.number })}
        {version.aliases.map((alias) => (
          <Badge key={alias} tone="accent">
            {alias}
          </Badge>
        ))}
      </span>
      <small>
        <Moment at={version.created_at} />
      </small>
    </button>
  );
}
