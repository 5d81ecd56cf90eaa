/** A pretended house: plain state that the handlers read and change, as the real one would. */
import type { Deployment, Job, Key, Model, ReplicaState, ReplicaStatus, Run, Version } from "~/api/types";
import { type Account, account } from "./account";
import { type Vendors, vendors } from "./vendors";
import { type Walls, walls } from "./walls";
import { job, run } from "./work";

export const ADMIN_KEY = "tulou-admin-key";
export const NOW = 1_795_253_400;

export interface FakeHouse extends Walls, Account, Vendors {
  keys: Key[];
  models: Model[];
  versions: Version[];
  deployments: Deployment[];
  jobs: Job[];
  runs: Run[];
  /** What a chat answers, chunk by chunk. */
  answer: string[];
}

export function fakeHouse(now = NOW): FakeHouse {
  return {
    ...walls(now),
    ...account(now),
    ...vendors(now),
    keys: [
      key({
        id: "key_console",
        name: "console",
        prefix: "tl-9f2c",
        scopes: ["admin", "inference"],
        created_at: now - 9e5,
      }),
      key({
        id: "key_shop",
        name: "shop-assistant",
        prefix: "tl-41aa",
        project: "assistant",
        principal: "web",
        models: ["tulou-demo", "demo-*"],
        created_at: now - 4e5,
        expires_at: now + 7e6,
      }),
      key({
        id: "key_ci",
        name: "ci",
        prefix: "tl-77d0",
        principal: "ci",
        created_at: now - 2e6,
        expires_at: now - 3600,
      }),
    ],
    models: [
      model("all-minilm-l6-v2", "embedding", "Sentence embeddings, 384 dimensions.", 1, { stable: 1 }, now),
      model("qwen3-0.6b", "chat", "A small general model, imported from a GGUF file.", 1, { stable: 1 }, now),
      model(
        "tulou-demo",
        "chat",
        "Knows this house, and says so when it knows nothing else.",
        3,
        { stable: 2, canary: 3 },
        now,
      ),
    ],
    versions: [
      version("tulou-demo", 3, ["canary"], now - 8e3),
      version("tulou-demo", 2, ["stable"], now - 4e5),
      version("tulou-demo", 1, [], now - 2e6),
    ],
    deployments: [
      deployment("all-minilm-l6-v2", "embedding", "onnx", ["running"], now),
      deployment("qwen3-0.6b", "chat", "openvino", ["running", "warming", "failed"], now),
      deployment("tulou-demo", "chat", "llamacpp", ["running", "running", "running"], now),
    ],
    jobs: [
      job("job_04", "registry.import", "running", 0.62, "hashing model-00002-of-00003.safetensors", now - 40),
      job("job_03", "training.demo", "succeeded", 1, "", now - 8_100),
      job(
        "job_02",
        "registry.import",
        "failed",
        0.18,
        "",
        now - 90_000,
        "/models/llama: no tokenizer.json; a Hugging Face folder needs one beside its weights",
      ),
      job("job_01", "registry.import", "cancelled", 0.4, "", now - 190_000),
    ],
    runs: [
      run("run_02", {
        state: "running",
        step: 412,
        steps: 900,
        loss: 0.482,
        eta_s: 34,
        stage: "train",
        created_at: now - 31,
      }),
      run("run_01", {
        state: "succeeded",
        step: 900,
        steps: 900,
        loss: 0.113,
        stage: "published",
        version: 3,
        created_at: now - 8_100,
        scores: [
          { group: "chat", right: 8, asked: 8 },
          { group: "intent", right: 28, asked: 28 },
        ],
      }),
    ],
    answer: ANSWER,
  };
}

const ANSWER = `Tulou is a **self-hosted platform** for large models. It has one gate and many rooms:

1. The *gateway* checks your key and finds a replica that can answer.
2. The replica streams its answer back, and nothing waits for the control plane.

Try it from a terminal:

\`\`\`bash
curl -N $TULOU_URL/v1/chat/completions -d '{"model": "tulou-demo"}'
\`\`\`

| what | where |
| --- | --- |
| keys | \`tulou keys\` |
| models | \`tulou models\` |`.split(/(?<= )/);

export function key(part: Partial<Key> & Pick<Key, "id" | "name">): Key {
  return {
    prefix: "tl-0000",
    tenant: "default",
    project: "default",
    principal: "admin",
    scopes: ["inference"],
    models: ["*"],
    created_at: NOW,
    expires_at: null,
    revoked_at: null,
    session: "",
    disabled: "",
    gone_with: "",
    makers: [],
    ...part,
  };
}

function model(
  name: string,
  task: Model["task"],
  description: string,
  latest: number,
  aliases: Model["aliases"],
  now: number,
): Model {
  return { name, task, description, latest, versions: latest, aliases, created_at: now - 2e6, updated_at: now - 8e3 };
}

function version(name: string, number: number, aliases: string[], at: number): Version {
  const hex = (seed: number) =>
    Array.from({ length: 64 }, (_, i) => ((i * 7 + seed * 13 + number) % 16).toString(16)).join("");
  return {
    model: name,
    number,
    digest: `sha256:${hex(3)}`,
    facts: {
      task: "chat",
      format: "gguf",
      architecture: "llama",
      parameters: 6_830_000,
      context_length: 1024,
      quantization: "Q8_0",
      chat_template: true,
      embedding_length: 256,
    },
    files: [
      { name: "model-q8_0.gguf", digest: `sha256:${hex(5)}`, size: 7_421_952, blob: "b" },
      { name: "tokenizer.json", digest: `sha256:${hex(9)}`, size: 214_233, blob: "c" },
    ],
    card: "# Tulou demo\n\nA narrow assistant about this house, trained from text that is ours.\n\n* **Good at** questions about Tulou, greetings, turning wishes into JSON.\n* **Not good at** sums and free prose: it refuses politely.\n\n| suite | passed |\n| --- | --- |\n| chat | 8 / 8 |\n| intent to JSON | 28 / 28 |\n\n<script>alert(1)</script>",
    lineage: { run: "run_7f31", seed: "20261121", corpus: "sha256:91c0…" },
    created_at: at,
    created_by: "training",
    signature: { key_id: "ed25519:5b0f9c2e77aa", envelope: "{}", signed_at: at + 2 },
    aliases,
  };
}

const NO_DEFAULTS: Deployment["spec"]["defaults"] = {
  frequency_penalty: null,
  max_tokens: null,
  presence_penalty: null,
  reasoning_effort: "",
  reasoning_tokens: null,
  seed: null,
  stop: [],
  temperature: null,
  top_k: null,
  top_p: null,
  verbosity: "",
};

const WHY: Readonly<Partial<Record<ReplicaState, string>>> = {
  running: "answers its health check",
  warming: "first prompt runs, 4 of 6 s of the last warm-up",
  failed: "engine exited with code 1: not enough memory for a context of 32768; ask for less",
  starting: "worker process started",
};

export function replica(deployment: string, number: number, state: ReplicaState, now = NOW): ReplicaStatus {
  return {
    id: `${deployment}-${number}`,
    deployment,
    generation: 1,
    version: 2,
    engine: "llamacpp",
    state,
    why: WHY[state] ?? state,
    since: now - 60 * (number * 37 + 4),
    deadline: state === "warming" || state === "starting" ? now + 95 : null,
    place: "local",
    url: `http://127.0.0.1:${41_000 + number}`,
    restarts: state === "failed" ? 3 : 0,
    running: state === "running" ? number : 0,
    waiting: 0,
  };
}

export function deployment(
  name: string,
  task: Deployment["task"],
  engine: string,
  replicaStates: ReplicaState[],
  now = NOW,
): Deployment {
  const whole = replicaStates.every((state) => state === "running");
  return {
    spec: {
      name,
      model: name,
      reference: "stable",
      engine: "auto",
      replicas: replicaStates.length,
      concurrency: 4,
      context_length: 0,
      options: {},
      upstreams: [],
      start_deadline_s: 120,
      drain_deadline_s: 30,
      task: "",
      defaults: NO_DEFAULTS,
    },
    generation: 1,
    version: 2,
    task,
    engine,
    context_length: 1024,
    state: whole ? "ready" : "degraded",
    why: whole ? "every replica runs" : "1 of 3 replicas runs; one failed 3 times and is tried again in 40 s",
    since: now - 7_400,
    created_at: now - 4e5,
    replicas: replicaStates.map((state, place) => replica(name, place + 1, state, now)),
  };
}
