import { HttpResponse, http } from "msw";
import { describe, expect, it } from "vitest";
import { key } from "~/mocks/house";
import { server } from "~/mocks/server";
import { Pass, passed } from "./pass";

function minting(lives: number) {
  const made: string[] = [];
  const pass = new Pass(async () => {
    made.push(`secret-${made.length}`);
    const expires_at = Date.now() / 1000 + lives;
    return { key: key({ id: "key_pass", name: "pass", expires_at }), secret: made.at(-1) ?? "" };
  });
  return { pass, made };
}

describe("the pass of somebody who came with a password", () => {
  it("is made once for many questions, however many ask at once", async () => {
    const { pass, made } = minting(3600);
    const secrets = await Promise.all([pass.secret(), pass.secret(), pass.secret()]);
    expect(new Set(secrets)).toEqual(new Set(["secret-0"]));
    expect(made).toHaveLength(1);
  });

  it("is renewed before it ends, and when it is forgotten", async () => {
    const { pass } = minting(10);
    expect([await pass.secret(), await pass.secret()]).toEqual(["secret-0", "secret-1"]);
    pass.forget();
    expect(await pass.secret()).toBe("secret-2");
  });

  it("may be unknown to a gateway for a moment", async () => {
    const { pass } = minting(3600);
    let asked = 0;
    server.use(
      http.get("*/v1/models", () => {
        asked += 1;
        return asked === 1 ? new HttpResponse(null, { status: 401 }) : HttpResponse.json({ data: [] });
      }),
    );
    const response = await passed(pass, new Request("http://house.test/v1/models"));
    expect(response.status).toBe(200);
    expect(asked).toBe(2);
  });
});
