/** The compiler is the one that is tested: each line below it must refuse, or `tsc` fails over the expectation. */
import { HttpResponse, http } from "msw";
import { describe, expect, it } from "vitest";
import { Session } from "~/lib/session";
import { server } from "~/mocks/server";
import { createApi, dataOf } from "./client";
import type { Permission, Schemas } from "./types";

describe("what the document does not know", () => {
  it("does not compile as a path, a parameter or a field", () => {
    const api = createApi(new Session());
    const wrong = [
      // @ts-expect-error there is no such path
      () => api.GET("/api/v1/kees"),
      // @ts-expect-error prices are read, put and deleted, not patched
      () => api.PATCH("/api/v1/prices", {}),
      // @ts-expect-error there is no such parameter
      () => api.GET("/api/v1/keys", { params: { query: { project_name: "shop" } } }),
      // @ts-expect-error the name of a limit is missing
      () => api.DELETE("/api/v1/limits/{name}", {}),
      // @ts-expect-error a tenant has no such field
      async () => (await dataOf(api.GET("/api/v1/tenants"))).items[0]?.colour,
    ];
    expect(wrong).toHaveLength(5);
  });

  it("does not compile as a permission", () => {
    const right: Permission = "keys:write";
    // @ts-expect-error no route asks for it
    const wrong: Permission = "keys:wirte";
    expect([right, wrong]).toHaveLength(2);
  });

  it("is never missing from an answer, while what is sent may leave out what has a default", () => {
    const asked: Schemas["Price"] = { model: "qwen-max" };
    // @ts-expect-error the house answers with every field
    const answered: Schemas["Price-Output"] = { model: "qwen-max" };
    expect(answered).toEqual(asked);
  });
});

describe("parameters", () => {
  it("are sent in the house's own way: nothing empty, and a list as its name repeated", async () => {
    const asked: string[] = [];
    server.use(
      http.get("*/api/v1/usage", ({ request }) => {
        asked.push(new URL(request.url).search);
        return HttpResponse.json({ rows: [], next: null, currency: "USD" });
      }),
    );
    const query = { start: 0, end: 60, after: "", model: ["a b", "c"], project: [] };
    await createApi(new Session()).GET("/api/v1/usage", { params: { query } });
    expect(asked).toEqual(["?start=0&end=60&model=a+b&model=c"]);
  });
});
