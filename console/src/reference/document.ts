/** The parts of an OpenAPI document that the reference reads, and the operations that it lists. */
import { isRecord } from "~/lib/error";

export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
  readonly prefixItems?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly default?: unknown;
  readonly example?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
}

export interface Parameter {
  readonly name: string;
  readonly in: "path" | "query" | "header";
  readonly required?: boolean;
  readonly description?: string;
  readonly schema: Schema;
  readonly example?: unknown;
}

interface Example {
  readonly summary?: string;
  readonly value: unknown;
}

export interface Media {
  readonly schema?: Schema;
  readonly example?: unknown;
  readonly examples?: Readonly<Record<string, Example>>;
  /** What each event of a stream is. */
  readonly "x-itemSchema"?: Schema;
}

type Content = Readonly<Record<string, Media>>;

export interface Answer {
  readonly $ref?: string;
  readonly description?: string;
  readonly content?: Content;
  readonly headers?: Readonly<Record<string, { readonly $ref?: string; readonly description?: string }>>;
}

interface Described {
  readonly operationId: string;
  readonly summary?: string;
  readonly description?: string;
  readonly tags?: readonly string[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, Answer>>;
  readonly security?: readonly unknown[];
  readonly "x-permission"?: string;
}

const METHODS = ["get", "post", "put", "patch", "delete"] as const;
type Item = Readonly<Partial<Record<(typeof METHODS)[number], Described>>> & {
  readonly parameters?: readonly Parameter[];
};

export interface OpenApi {
  readonly info: { readonly title: string; readonly version: string; readonly description?: string };
  readonly tags?: readonly { readonly name: string; readonly description?: string }[];
  readonly paths: Readonly<Record<string, Item>>;
  readonly components: {
    readonly schemas?: Readonly<Record<string, Schema>>;
    readonly responses?: Readonly<Record<string, Answer>>;
    readonly headers?: Readonly<Record<string, { readonly description?: string }>>;
  };
}

export const PARTS = ["gate", "administration"] as const;
/** What asks a gateway, and what asks the control plane. */
export type Part = (typeof PARTS)[number];

export interface Operation {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly part: Part;
  readonly group: string;
  readonly summary: string;
  readonly description: string;
  readonly parameters: readonly Parameter[];
  readonly bodies: readonly (readonly [type: string, media: Media])[];
  readonly answers: readonly (readonly [status: string, answer: Answer])[];
  /** None is needed: anybody may ask. */
  readonly open: boolean;
  readonly permission: string;
}

export interface Group {
  readonly name: string;
  readonly part: Part;
  readonly description: string;
  readonly operations: readonly Operation[];
}

const PLACES = {
  schemas: "#/components/schemas/",
  responses: "#/components/responses/",
  headers: "#/components/headers/",
};

/** Refuse what is no OpenAPI document, before anything is drawn from it. */
export function documentOf(json: unknown): OpenApi {
  const parts = isRecord(json) && isRecord(json.info) && isRecord(json.paths) && isRecord(json.components);
  if (!parts) throw new Error("/openapi.json is no OpenAPI document");
  return json as unknown as OpenApi;
}

export function nameOf(schema: Schema): string | null {
  return schema.$ref?.startsWith(PLACES.schemas) ? schema.$ref.slice(PLACES.schemas.length) : null;
}

/** Return the schema itself where only its place is named. */
export function resolved(document: OpenApi, schema: Schema): Schema {
  const name = nameOf(schema);
  return name === null ? schema : (document.components.schemas?.[name] ?? {});
}

export function groupsOf(document: OpenApi): Group[] {
  const groups = new Map<string, Operation[]>();
  for (const operation of operationsOf(document)) {
    const key = `${operation.part} ${operation.group}`;
    groups.set(key, [...(groups.get(key) ?? []), operation]);
  }
  const described = new Map(document.tags?.map(({ name, description = "" }) => [name, description]));
  return [...groups.values()]
    .flatMap((operations) => {
      const [first] = operations;
      if (!first) return [];
      return [{ name: first.group, part: first.part, description: described.get(first.group) ?? "", operations }];
    })
    .sort((a, b) => PARTS.indexOf(a.part) - PARTS.indexOf(b.part) || order(a.name).localeCompare(order(b.name)));
}

/** What the house is for comes first. */
const order = (group: string) => (group === "inference" ? "" : group);

export function operationsOf(document: OpenApi): Operation[] {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    METHODS.flatMap((method) => {
      const described = item[method];
      return described ? [operationOf(document, path, method, { item, described })] : [];
    }),
  );
}

interface Place {
  readonly item: Item;
  readonly described: Described;
}

function operationOf(document: OpenApi, path: string, method: string, { item, described }: Place): Operation {
  const answers = Object.entries(described.responses).map(
    ([status, answer]) => [status, whole(document, answer)] as const,
  );
  return {
    id: described.operationId,
    method: method.toUpperCase(),
    path,
    part: path.startsWith("/api/") ? "administration" : "gate",
    group: described.tags?.at(-1) ?? "",
    summary: described.summary ?? "",
    description: described.description ?? "",
    parameters: [...(item.parameters ?? []), ...(described.parameters ?? [])],
    bodies: Object.entries(described.requestBody?.content ?? {}),
    answers,
    open: described.security?.length === 0,
    permission: described["x-permission"] ?? "",
  };
}

function whole(document: OpenApi, answer: Answer): Answer {
  const found = answer.$ref
    ? (document.components.responses?.[answer.$ref.slice(PLACES.responses.length)] ?? {})
    : answer;
  const headers = Object.entries(found.headers ?? {}).map(([name, header]) => {
    const place = header.$ref?.slice(PLACES.headers.length);
    return [name, (place !== undefined && document.components.headers?.[place]) || header] as const;
  });
  return { ...found, headers: Object.fromEntries(headers) };
}

/** Whether every word that is looked for is somewhere in what an operation is known by. */
export function matches(operation: Operation, wanted: string): boolean {
  const { method, path, id, summary, description, group, permission } = operation;
  const text = [method, path, id, summary, description, group, permission].join(" ").toLowerCase();
  return wanted
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}
