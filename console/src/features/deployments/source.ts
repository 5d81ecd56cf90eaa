/** Where a deployment's answers come from, in one line. */
import type { Deployment } from "~/api/types";

export function sourceOf({ spec, version }: Deployment): string {
  const [upstream] = spec.upstreams;
  if (upstream) return `${upstream.model} @ ${upstream.upstream || upstream.base_url}`;
  const resolved = String(version) === spec.reference ? "" : ` (${version})`;
  return `${spec.model}:${spec.reference}${resolved}`;
}
