/** The deploy form as typed, and the deployment it asks for. */
import type { DeploymentSpec } from "~/api/types";

type Place = NonNullable<DeploymentSpec["upstreams"]>[number];

export interface DeployForm {
  readonly source: "registry" | "remote";
  readonly name: string;
  readonly model: string;
  readonly reference: string;
  readonly engine: string;
  readonly replicas: number;
  readonly concurrency: number;
  readonly contextLength: number;
  /** The account at a vendor that answers; empty: the address that is given. */
  readonly upstream: string;
  readonly baseUrl: string;
  readonly remoteModel: string;
  readonly secret: string;
}

export function emptyForm(model: string): DeployForm {
  return {
    source: "registry",
    name: model,
    model,
    reference: "stable",
    engine: "auto",
    replicas: 1,
    concurrency: 4,
    contextLength: 0,
    upstream: "",
    baseUrl: "",
    remoteModel: "",
    secret: "",
  };
}

export function specOf(form: DeployForm): DeploymentSpec {
  const remote = form.source === "remote";
  return {
    name: form.name.trim(),
    model: remote ? "" : form.model,
    reference: remote ? "stable" : form.reference.trim(),
    engine: remote ? "remote" : form.engine,
    replicas: remote ? 1 : form.replicas,
    concurrency: form.concurrency,
    context_length: form.contextLength,
    options: {},
    upstreams: remote ? [placeOf(form)] : [],
    task: "",
  };
}

/** An account brings its own address and credentials. */
function placeOf({ upstream, baseUrl, remoteModel, secret }: DeployForm): Place {
  const address = upstream === "" ? { base_url: baseUrl.trim(), secret } : { base_url: "", secret: "" };
  return { ...address, upstream, model: remoteModel.trim(), weight: 1 };
}
