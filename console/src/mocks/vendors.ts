/** Vendors and upstreams of the pretended house, and its document. */
import type { Change, Revision } from "~/api/configuration";
import type { Credential, Provider, Upstream } from "~/api/upstreams";

export interface Vendors {
  providers: Provider[];
  upstreams: Upstream[];
  /** The document of each revision, the first one at place 1. */
  documents: string[];
  revisions: Revision[];
}

const DAY = 86_400;

export function vendors(now: number): Vendors {
  const providers = [
    provider("anthropic", "Anthropic", "https://api.anthropic.com", "anthropic", [
      "chat",
      "tools",
      "images",
      "reasoning",
    ]),
    provider("azure", "Azure OpenAI", "https://{resource}.openai.azure.com", "openai", ["chat", "embeddings", "tools"]),
    provider("dashscope", "Qwen (DashScope)", "https://dashscope.aliyuncs.com/compatible-mode/v1", "openai", [
      "chat",
      "embeddings",
      "tools",
    ]),
    {
      ...provider("ollama", "Ollama", "http://127.0.0.1:11434/v1", "openai", ["chat", "embeddings"]),
      auth: "none" as const,
    },
    provider("openai", "OpenAI", "https://api.openai.com/v1", "openai", ["chat", "responses", "embeddings", "tools"]),
  ];
  const [anthropic, , dashscope] = providers;
  return {
    providers,
    upstreams: [
      anthropic && upstream("anthropic", anthropic, [credential("cred_a", "anthropic", "main", "active", "", now)]),
      dashscope &&
        upstream("qwen", dashscope, [
          credential("cred_q", "qwen", "team-a", "active", "", now),
          credential("cred_r", "qwen", "team-b", "cooling", "429: asked too often, again in 12 s", now),
          credential("cred_s", "qwen", "old", "retired", "401: the vendor no longer knows it", now),
        ]),
    ].filter((one) => one !== undefined),
    documents: [
      "",
      "projects: []\nlimits: []\n",
      "projects:\n  - name: assistant\nlimits: []\n",
      "projects:\n  - name: assistant\nlimits:\n  - name: assistant-budget\n    amount: 250\n",
    ],
    revisions: [
      revision(
        3,
        "ada",
        "A budget before the sale",
        "apply",
        [change("create", "limits", "assistant-budget")],
        now - 3600,
      ),
      revision(2, "admin", "", "console", [change("create", "projects", "assistant")], now - DAY),
      revision(1, "house", "first start", "start", [], now - 30 * DAY),
    ],
  };
}

function provider(
  name: string,
  title: string,
  base_url: string,
  dialect: Provider["dialect"],
  capabilities: Provider["capabilities"],
): Provider {
  return {
    name,
    title,
    base_url,
    dialect,
    auth: "bearer",
    capabilities,
    paths: {},
    headers: [],
    variables: [...base_url.matchAll(/\{(\w+)\}/g)].map(([, variable]) => variable ?? ""),
    environment: "",
    probe: "models",
    max_tokens_field: "max_tokens",
    named_tools: true,
    developer_role: false,
    extra_body: {},
    omit: [],
    regions: {},
  };
}

export function upstream(name: string, of: Provider, credentials: Credential[]): Upstream {
  const asTheVendorHasIt = { base_url: null, dialect: null, auth: null, capabilities: null, paths: null };
  const spec = { name, provider: of.name, variables: {}, headers: [], ...asTheVendorHasIt };
  return { spec, provider: of, credentials };
}

export function credential(
  id: string,
  of: string,
  name: string,
  state: Credential["state"],
  why: string,
  now: number,
): Credential {
  return {
    id,
    upstream: of,
    name,
    state,
    hint: "9x2k",
    reference: "",
    why,
    created_at: now - DAY,
    changed_at: now - 45,
  };
}

export function change(kind: Change["kind"], resource: string, name: string): Change {
  const after = kind === "delete" ? "" : JSON.stringify({ name, amount: 250 });
  const before = kind === "create" ? "" : JSON.stringify({ name, amount: 100 });
  return { kind, resource, name, before, after, fields: kind === "update" ? ["amount"] : [] };
}

export function revision(
  number: number,
  author: string,
  reason: string,
  source: Revision["source"],
  changes: Change[],
  at: number,
): Revision {
  return { number, at, author, reason, source, via: "", changes };
}
