import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { documentOf, groupsOf, matches, type Operation, operationsOf } from "./document";
import { sampleOf, typeOf } from "./schema";

const document = documentOf(JSON.parse(readFileSync(join(import.meta.dirname, "../../openapi.json"), "utf8")));
const operations = operationsOf(document);
const named = (id: string): Operation => {
  const found = operations.find((operation) => operation.id === id);
  if (!found) throw new Error(`the document has no ${id}`);
  return found;
};

describe("the house's document", () => {
  it("is read as a whole: each operation once, in its part and its group", () => {
    const grouped = groupsOf(document).flatMap((group) => group.operations.map(({ id }) => id));
    expect(grouped.length).toBeGreaterThan(150);
    expect(new Set(grouped)).toEqual(new Set(operations.map(({ id }) => id)));
    expect(grouped.length).toBe(operations.length);
    expect(groupsOf(document)[0]).toMatchObject({ name: "inference", part: "gate" });
    expect(named("list_keys")).toMatchObject({ part: "administration", group: "identity", permission: "keys:read" });
    expect(named("create_chat_completion")).toMatchObject({ part: "gate", permission: "models:use", open: false });
    expect(named("get_health")).toMatchObject({ open: true, permission: "" });
  });

  it("says which parameters the path alone has, and what refusals are", () => {
    const shown = named("get_served_model");
    expect(shown.parameters.map(({ name }) => name)).toContain("model");
    const refused = named("create_chat_completion").answers.find(([status]) => status === "429")?.[1];
    expect(refused?.description).toBeTruthy();
    expect(Object.keys(refused?.headers ?? {})).toContain("retry-after");
  });

  it("has for each body a sample with all that must be sent", () => {
    for (const { bodies, id } of operations) {
      for (const [type, { schema }] of bodies) {
        if (type !== "application/json" || !schema) continue;
        const sample = sampleOf(document, schema) as Record<string, unknown>;
        const required = document.components.schemas?.[typeOf(schema)]?.required ?? [];
        expect(Object.keys(sample), id).toEqual(expect.arrayContaining([...required]));
      }
    }
  });

  it("is refused when it is something else", () => {
    expect(() => documentOf({ error: { message: "restarting" } })).toThrow("no OpenAPI document");
  });
});

describe("a search", () => {
  it("finds by path, name, words and permission, all of them at once", () => {
    const found = (words: string) => operations.filter((one) => matches(one, words)).map(({ id }) => id);
    expect(found("keys:write")).toEqual(expect.arrayContaining(["create_key", "revoke_key"]));
    expect(found("CHAT completions")).toContain("create_chat_completion");
    expect(found("delete tenants")).toEqual(["delete_tenant"]);
    expect(found("chat nowhere")).toEqual([]);
    expect(found("")).toHaveLength(operations.length);
  });
});

describe("a type in words", () => {
  it.each([
    [{ $ref: "#/components/schemas/Price" }, "Price"],
    [{ anyOf: [{ type: "integer" }, { type: "null" }] }, "integer | null"],
    [{ type: "array", items: { anyOf: [{ type: "string" }, { type: "null" }] } }, "(string | null)[]"],
    [
      { type: "array", items: { prefixItems: [{ type: "string" }, { type: "string" }], type: "array" } },
      "([string, string])[]",
    ],
    [{ type: "object", additionalProperties: { type: "string" } }, "{ [name]: string }"],
    [{ type: "string", format: "binary" }, "file"],
    [{ const: "list" }, '"list"'],
    [{}, "any"],
  ])("%j is %s", (schema, words) => {
    expect(typeOf(schema)).toBe(words);
  });
});

describe("a sample", () => {
  const deep = documentOf({
    info: {},
    paths: {},
    components: {
      schemas: { Node: { properties: { next: { $ref: "#/components/schemas/Node" } }, required: ["next"] } },
    },
  });

  it("of a message that holds itself ends", () => {
    expect(JSON.stringify(sampleOf(deep, { $ref: "#/components/schemas/Node" }))).toBe(
      '{"next":{"next":{"next":{"next":{"next":{}}}}}}',
    );
  });
});
