import { describe, expect, it } from "vitest";
import type { Operation, Parameter } from "./document";
import { addressOf, curlOf, type Filled, requestOf } from "./request";

const parameter = (name: string, place: Parameter["in"], type = "string"): Parameter => ({
  name,
  in: place,
  schema: { type },
});

const OPERATION: Operation = {
  id: "put_person",
  method: "PUT",
  path: "/api/v1/principals/{tenant}/{name}",
  part: "administration",
  group: "identity",
  summary: "",
  description: "",
  parameters: [
    parameter("tenant", "path"),
    parameter("name", "path"),
    parameter("role", "query", "array"),
    parameter("dry", "query"),
    parameter("x-tulou-reason", "header"),
  ],
  bodies: [],
  answers: [],
  open: false,
  permission: "principals:write",
};

const filled = (part: Partial<Filled> = {}): Filled => ({
  values: { tenant: "a/b", name: "ana?", role: "viewer, billing", dry: "", "x-tulou-reason": "" },
  body: "",
  type: "application/json",
  ...part,
});

describe("a request that was filled in", () => {
  it("goes to one address, whatever the names have in them, and leaves out what is empty", () => {
    expect(addressOf(OPERATION, filled())).toBe("/api/v1/principals/a%2Fb/ana%3F?role=viewer&role=billing");
  });

  it.each([".", ".."])("stays at its operation for the name %s", (name) => {
    const { url } = requestOf(OPERATION, filled({ values: { tenant: "north", name } }));
    expect(new URL(url).pathname.split("/")).toHaveLength("/api/v1/principals/north/x".split("/").length);
    expect(new URL(url).pathname).toMatch(/^\/api\/v1\/principals\/north\/%252E/);
  });

  it("has the method, the headers and the body that were asked for", async () => {
    const request = requestOf(
      OPERATION,
      filled({ body: '{"title": "Ana"}', values: { tenant: "a", name: "b", "x-tulou-reason": "a test" } }),
    );
    expect(request.method).toBe("PUT");
    expect(request.headers.get("x-tulou-reason")).toBe("a test");
    expect(request.headers.get("content-type")).toBe("application/json");
    expect(await request.json()).toEqual({ title: "Ana" });
  });

  it("is a form where the house takes files", async () => {
    const file = new File(["{}"], "batch.jsonl");
    const request = requestOf(
      { ...OPERATION, method: "POST" },
      filled({
        body: new Map<string, string | File>([
          ["file", file],
          ["purpose", "batch"],
        ]),
        type: "multipart/form-data",
      }),
    );
    expect(request.headers.get("content-type")).toMatch(/^multipart\/form-data; boundary=/);
    expect((await request.formData()).get("purpose")).toBe("batch");
  });
});

describe("the same for a shell", () => {
  it("keeps the key in its variable, and quotes what was typed", () => {
    const curl = curlOf("http://house.test", OPERATION, filled({ body: `{"title": "it's"}` }));
    expect(curl).toBe(
      [
        "curl -X PUT 'http://house.test/api/v1/principals/a%2Fb/ana%3F?role=viewer&role=billing' \\",
        '  -H "Authorization: Bearer $TULOU_API_KEY" \\',
        "  -H 'content-type: application/json' \\",
        `  --data-raw '{"title": "it'\\''s"}'`,
      ].join("\n"),
    );
  });

  it("asks for no key where none is needed, and sends files as such", () => {
    const open: Operation = { ...OPERATION, method: "GET", path: "/healthz", parameters: [], open: true };
    expect(curlOf("http://house.test", open, filled())).toBe("curl 'http://house.test/healthz'");
    const body = new Map<string, string | File>([
      ["file", new File([""], "a b.jsonl")],
      ["purpose", "batch"],
    ]);
    const upload = curlOf("http://house.test", { ...open, method: "POST" }, filled({ body }));
    expect(upload).toContain(`-F 'file=@"a b.jsonl"'`);
    expect(upload).toContain("--form-string 'purpose=batch'");
    const quoted = new Map([["file", new File(["x"], 'a"b.txt')]]);
    expect(curlOf("http://house.test", { ...open, method: "POST" }, filled({ body: quoted }))).toContain(
      String.raw`-F 'file=@"a\"b.txt"'`,
    );
  });
});
