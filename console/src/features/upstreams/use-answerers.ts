/** What answers now, or has answered of late: the deployments, and the ledger's sums of a quarter. */
import { useQuery } from "@tanstack/react-query";
import { useApi } from "~/api/context";
import { deploymentsQuery } from "~/api/deployments";
import { usageQuery } from "~/api/metering";
import { upstreamsQuery } from "~/api/upstreams";
import type { Answerer } from "./price-form";

const QUARTER_S = 90 * 86_400;
const DAY_S = 86_400;
/** The house's own models, and what is deployed by its address alone. */
const OWN = "tulou";
const ADDRESS = "openai-compatible";

/** Null as long as it is not known, or may not be seen. */
export function useAnswerers(now: number): readonly Answerer[] | null {
  const api = useApi();
  const end = Math.ceil(now / DAY_S) * DAY_S;
  const span = { start: end - QUARTER_S, end, bucket: "all", filters: {} } as const;
  const used = useQuery(usageQuery(api, { ...span, groupBy: ["upstream_model", "provider", "served_by"] }, false));
  const deployments = useQuery(deploymentsQuery(api));
  const upstreams = useQuery(upstreamsQuery(api));
  if (!used.data || !deployments.data || !upstreams.data) return null;
  const providers = new Map(upstreams.data.map(({ spec, provider }) => [spec.name, provider.name]));
  const answered = used.data.rows.map(({ group: [model = "", provider = "", route = ""] }) => ({
    names: [model, route],
    provider,
  }));
  const deployed = deployments.data.flatMap(({ spec }) => [
    { names: [spec.name, spec.model ?? ""], provider: OWN },
    ...(spec.upstreams ?? []).map((one) => ({
      names: [spec.name, one.model],
      provider: providers.get(one.upstream ?? "") ?? ADDRESS,
    })),
  ]);
  return [...answered, ...deployed];
}
