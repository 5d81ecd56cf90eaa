import { QueryClient } from "@tanstack/react-query";
import { HttpResponse, http } from "msw";
import { describe, expect, it } from "vitest";
import { ApiError } from "~/lib/error";
import { Session } from "~/lib/session";
import { server } from "~/mocks/server";
import { createApi, dataOf, itemsOf } from "./client";
import { keysQuery } from "./identity";
import { createQueryClient } from "./query-client";

function signedIn(key = "sk-tulou-one") {
  const session = new Session();
  session.begin(key);
  return { session, api: createApi(session) };
}

const refusal = (status: number, code: string) =>
  HttpResponse.json({ error: { message: "no", code } }, { status, headers: { "x-request-id": "req_1" } });

describe("the client", () => {
  it("shows the session's key with each request", async () => {
    const shown: (string | null)[] = [];
    server.use(
      http.get("*/api/v1/tenants", ({ request }) => {
        shown.push(request.headers.get("authorization"));
        return HttpResponse.json({ items: [{ name: "acme" }] });
      }),
    );
    expect(await itemsOf(signedIn().api.GET("/api/v1/tenants"))).toEqual([{ name: "acme" }]);
    expect(shown).toEqual(["Bearer sk-tulou-one"]);
  });

  it("throws what the house said, with its code and the request's id", async () => {
    server.use(http.get("*/api/v1/tenants", () => refusal(409, "conflict")));
    const asked = dataOf(signedIn().api.GET("/api/v1/tenants"));
    await expect(asked).rejects.toMatchObject({ message: "no", code: "conflict", status: 409, requestId: "req_1" });
  });

  it("makes an error of what is no JSON at all, such as a proxy's page", async () => {
    server.use(
      http.get("*/api/v1/tenants", () => new HttpResponse("<html>", { status: 502, statusText: "Bad Gateway" })),
    );
    const asked = dataOf(signedIn().api.GET("/api/v1/tenants"));
    await expect(asked).rejects.toMatchObject({ message: "502 Bad Gateway", code: "unknown", status: 502 });
  });

  it("ends the session whose key is refused, and no other", async () => {
    const { session, api } = signedIn();
    server.use(http.get("*/api/v1/tenants", () => refusal(401, "unauthenticated")));
    await expect(api.GET("/api/v1/tenants")).rejects.toBeInstanceOf(ApiError);
    expect(session).toMatchObject({ way: null, ending: "refused" });
    server.use(
      http.get("*/api/v1/tenants", () => {
        session.begin("sk-tulou-two");
        return refusal(401, "unauthenticated");
      }),
    );
    session.begin("sk-tulou-one");
    await expect(api.GET("/api/v1/tenants")).rejects.toBeInstanceOf(ApiError);
    expect(session.key).toBe("sk-tulou-two");
  });

  it("takes an answer without a body for one that says nothing", async () => {
    server.use(http.delete("*/api/v1/limits/:name", () => new HttpResponse(null, { status: 204 })));
    const done = signedIn().api.DELETE("/api/v1/limits/{name}", { params: { path: { name: "a b/c" } } });
    expect(await dataOf(done)).toBeUndefined();
  });

  it("asks for a list page after page, and leaves the first mark out", async () => {
    const asked: string[] = [];
    server.use(
      http.get("*/api/v1/keys", ({ request }) => {
        asked.push(new URL(request.url).search);
        return HttpResponse.json({ items: [{ id: `key_${asked.length}` }], next: asked.length < 2 ? "key_1" : null });
      }),
    );
    const { api } = signedIn();
    const { pages } = await new QueryClient().fetchInfiniteQuery({ ...keysQuery(api, false), pages: 5 });
    expect(pages.flatMap(({ items }) => items.map(({ id }) => id))).toEqual(["key_1", "key_2"]);
    expect(asked).toEqual(["?revoked=false", "?after=key_1&revoked=false"]);
  });
});

describe("asking again", () => {
  const again = createQueryClient().getDefaultOptions().queries?.retry as (failures: number, error: Error) => boolean;

  it.each([
    ["what is refused", new ApiError("no", "forbidden", 403), [false]],
    ["a house that restarts", new ApiError("later", "unavailable", 503), [true, true, false]],
    ["a network that is down", new TypeError("fetch failed"), [true, true, false]],
  ])("%s", (_, error, expected) => {
    expect(expected.map((__, failures) => again(failures, error))).toEqual(expected);
  });
});
