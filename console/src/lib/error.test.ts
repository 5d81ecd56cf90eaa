import { describe, expect, it } from "vitest";
import { ApiError, errorOf } from "./error";

const answer = (body: string, status = 400, headers: Record<string, string> = {}) =>
  new Response(body, { status, statusText: "Bad Gateway", headers });

describe("a refusal", () => {
  it("has the house's words, code, status and request", async () => {
    const body = JSON.stringify({ error: { message: "no such key", code: "not_found" } });
    const error = await errorOf(answer(body, 404, { "x-request-id": "req_1" }));
    expect(error).toBeInstanceOf(ApiError);
    expect([error.message, error.code, error.status, error.requestId]).toEqual([
      "no such key",
      "not_found",
      404,
      "req_1",
    ]);
  });

  it.each([
    ["a proxy's page", "<html>no</html>"],
    ["nothing", ""],
    ["a list", "[1]"],
    ["words of another shape", '{"error": "no"}'],
    ["numbers where words should be", '{"error": {"message": 5, "code": []}}'],
    ["null", "null"],
  ])("that is %s has its status for words", async (_name, body) => {
    const error = await errorOf(answer(body, 502));
    expect([error.message, error.code, error.requestId]).toEqual(["502 Bad Gateway", "unknown", null]);
  });
});
