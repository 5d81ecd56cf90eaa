/** The ledger, the price book and the limits of the pretended house. */
import type { Limit, Standing } from "~/api/limits";
import type { Entry, Price, Units, UsageRow } from "~/api/metering";

export interface Account {
  entries: Entry[];
  /** Entries that were set aside. */
  waiting: number;
  prices: Price[];
  limits: Limit[];
  standings: Standing[];
}

const DAY = 86_400;
const HOUR = 3600;

export function account(now: number): Account {
  const limits = [
    limit({ name: "assistant-budget", subject: "assistant", amount: 250 }),
    limit({ name: "keys-per-minute", scope: "key", measure: "requests", amount: 600, period: "minute" }),
    limit({ name: "shop-key-budget", scope: "key", subject: "key_shop", amount: 20, edge: "soft" }),
  ];
  const [budget, rate, shop] = limits;
  const standings = [
    budget && standing(budget, "assistant", 181.4, 2.1, 262, "warning", now),
    rate && standing(rate, "key_shop", 212, 8, null, "ok", now),
    rate && standing(rate, "key_ci", 600, 0, null, "reached", now),
    shop && standing(shop, "key_shop", 7.25, 0, 11, "ok", now),
  ].filter((one) => one !== undefined);
  return { entries: entries(now), waiting: 0, prices: prices(now), limits, standings };
}

export function limit(part: Partial<Limit> & Pick<Limit, "name">): Limit {
  return {
    scope: "project",
    measure: "cost",
    amount: 10,
    period: "month",
    subject: "",
    models: ["*"],
    edge: "hard",
    away: "refuse",
    warn_at: [0.8],
    tenant: "default",
    ...part,
  };
}

export function standing(
  of: Limit,
  subject: string,
  used: number,
  held: number,
  forecast: number | null,
  state: Standing["state"],
  now: number,
): Standing {
  return { limit: of, subject, used, held, forecast, state, resets_at: now + (of.period === "minute" ? 40 : 5 * DAY) };
}

const MODELS = [
  { model: "qwen-max", provider: "dashscope", weight: 5, cost: 4200 },
  { model: "claude-sonnet", provider: "anthropic", weight: 3, cost: 9100 },
  { model: "tulou-demo", provider: "", weight: 9, cost: 0 },
  { model: "all-minilm-l6-v2", provider: "", weight: 4, cost: 12 },
] as const;
const PROJECTS = ["assistant", "search", "default"] as const;

/** One entry every twenty minutes of the last month, the same ones for the same time. */
function entries(now: number): Entry[] {
  const first = Math.floor(now / HOUR) * HOUR - 30 * DAY;
  const count = Math.floor((now - first) / 1200);
  return Array.from({ length: count }, (_, place) => entry(place, first + place * 1200)).reverse();
}

const WEIGHTED = MODELS.flatMap((one) => Array.from({ length: one.weight }, () => one));

function entry(place: number, at: number): Entry {
  const from = WEIGHTED[Math.floor(noise(place) * WEIGHTED.length)] ?? MODELS[0];
  const daily = 1 + 0.5 * Math.sin(at / DAY) + noise(place + 3);
  const answered: Entry = {
    id: `led_${place}`,
    at,
    request_id: `req_${place}`,
    tenant: "default",
    project: PROJECTS[Math.floor(noise(place * 3) * 3)] ?? "default",
    principal: noise(place * 7) > 0.5 ? "ada" : "bo",
    key: noise(place * 11) > 0.4 ? "key_shop" : "key_console",
    endpoint: "chat",
    model: from.model,
    status: noise(place * 13) > 0.985 ? 499 : 200,
    served_by: `${from.model}-2026`,
    deployment: from.model,
    replica: `${from.model}-1`,
    provider: from.provider,
    own: from.provider === "",
    attempt: 1,
    code: "",
    stream: noise(place * 17) > 0.3,
    took_ms: 300 + 900 * noise(place + 1),
    first_token_ms: 40 + 100 * noise(place + 2),
    units: units({ input: Math.round(900 * daily), cached: Math.round(270 * daily), output: Math.round(240 * daily) }),
    counted: from.provider === "" ? "tokenizer" : "reported",
    cost: Math.round(from.cost * daily),
    price: from.cost > 0 ? 3 : 0,
    refused_by: "",
    batch: false,
    tags: [],
    final: true,
    upstream_model: from.model,
    priced_by: from.cost > 0 ? "model" : "none",
  };
  return noise(place * 5) > 0.97 ? refusedFor(answered) : answered;
}

function refusedFor(entry: Entry): Entry {
  const nothing = { units: units({}), cost: 0, price: 0, took_ms: 1, first_token_ms: null, served_by: "" } as const;
  return { ...entry, ...nothing, status: 429, code: "limit_reached", refused_by: "keys-per-minute", counted: "none" };
}

export function units(part: Partial<Units>): Units {
  return {
    input: 0,
    output: 0,
    cached: 0,
    cache_written: 0,
    cache_written_hour: 0,
    reasoning: 0,
    audio_input: 0,
    audio_output: 0,
    images: 0,
    searches: 0,
    characters: 0,
    seconds: 0,
    ...part,
  };
}

export function price(part: Partial<Price> & Pick<Price, "model">): Price {
  return {
    provider: "",
    since: 0,
    input: 0,
    output: 0,
    cached: null,
    cache_written: null,
    reasoning: null,
    audio_input: null,
    audio_output: null,
    image: 0,
    search: 0,
    request: 0,
    batch_factor: 1,
    version: 1,
    character: 0,
    second: 0,
    cache_written_hour: null,
    tiers: [],
    ...part,
  };
}

function prices(now: number): Price[] {
  return [
    price({ model: "all-minilm-l6-v2", input: 0.02 }),
    price({ model: "claude-sonnet-*", provider: "anthropic", input: 3, output: 15, cached: 0.3 }),
    price({ model: "qwen-max", provider: "dashscope", input: 1.6, output: 6.4, cached: 0.64 }),
    price({ model: "qwen-max", provider: "dashscope", since: now - 60 * DAY, input: 1.2, output: 6, cached: 0.5 }),
    price({ model: "qwen-max", provider: "dashscope", since: now + 20 * DAY, input: 0.9, output: 5 }),
  ];
}

/** Sum entries as the house's reports do. */
export function rowsOf(
  all: readonly Entry[],
  asked: {
    start: number;
    end: number;
    bucket: string;
    by: readonly (keyof Entry)[];
  },
): UsageRow[] {
  const rows = new Map<string, UsageRow>();
  for (const one of all) {
    if (one.at < asked.start || one.at >= asked.end) continue;
    const step = { hour: HOUR, day: DAY }[asked.bucket];
    const start = step ? Math.floor(one.at / step) * step : asked.start;
    const group = asked.by.map((name) => String(one[name]));
    const key = [start, ...group].join("|");
    rows.set(key, added(rows.get(key) ?? nothing(start, group), one));
  }
  return [...rows.values()].sort((a, b) => a.start - b.start);
}

function nothing(start: number, group: string[]): UsageRow {
  const unpriced = { unpriced: 0, unpriced_tokens: 0, priced_by_name: 0 };
  return { start, group, requests: 0, refused: 0, failed: 0, units: units({}), cost: 0, ...unpriced };
}

function added(row: UsageRow, one: Entry): UsageRow {
  return {
    ...row,
    requests: row.requests + 1,
    refused: row.refused + (one.refused_by ? 1 : 0),
    failed: row.failed + (one.status >= 400 ? 1 : 0),
    units: {
      ...row.units,
      input: row.units.input + one.units.input,
      cached: row.units.cached + one.units.cached,
      output: row.units.output + one.units.output,
    },
    cost: row.cost + one.cost,
  };
}

/** A figure from 0 to 1 that depends on *seed* alone. */
function noise(seed: number): number {
  const value = Math.sin(seed * 12.9898 + 4.1) * 43_758.5453;
  return value - Math.floor(value);
}
