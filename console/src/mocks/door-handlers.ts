/** The door of the pretended house, and the page of whoever has come in. */
import { HttpResponse, http } from "msw";
import type { SignIn } from "~/api/door";
import type { FakeHouse } from "./house";
import { fault } from "./replies";
import { me } from "./walls";

export const ADA = { email: "ada@example.org", password: "correct horse battery", code: "123456" } as const;

export function doorHandlers(house: FakeHouse) {
  return [
    http.get("*/api/v1/sign-in/providers", () =>
      house.door === null ? fault(404, "not_found", "no route") : HttpResponse.json(house.door),
    ),
    http.post<never, SignIn>("*/api/v1/sign-in", async ({ request }) => {
      const { email, password, code = "" } = await request.json();
      if (email !== ADA.email || password !== ADA.password) return fault(401, "unauthenticated", "not right");
      if (house.me.has_second_factor && code === "") return HttpResponse.json({ second_factor: true });
      if (house.me.has_second_factor && code !== ADA.code) return fault(401, "unauthenticated", "not right");
      signInAsAda(house);
      return HttpResponse.json({ session: "ses_here", expires_at: 0, second_factor: false });
    }),
    http.post("*/api/v1/sign-out", () => {
      house.cookie = false;
      return HttpResponse.json({});
    }),
  ];
}

export function signInAsAda(house: FakeHouse): void {
  house.cookie = true;
  const { has_second_factor } = house.me;
  house.me = me({
    principal: "ada",
    title: "Ada Lin",
    email: ADA.email,
    key: "",
    session: "ses_here",
    has_password: true,
    has_second_factor,
  });
}

export function meHandlers(house: FakeHouse) {
  return [
    http.get("*/api/v1/me", () => HttpResponse.json(house.me)),
    http.post("*/api/v1/me/key", () => {
      const key = { ...house.keys[0], id: "key_pass", expires_at: Date.now() / 1000 + 3600 };
      return HttpResponse.json({ key, secret: "tl-pass-secret" }, { status: 201 });
    }),
    http.put<never, { old: string }>("*/api/v1/me/password", async ({ request }) => {
      const { old } = await request.json();
      return old === ADA.password ? HttpResponse.json({}) : fault(403, "forbidden", "the old password is not right");
    }),
    http.post("*/api/v1/me/second-factor", () =>
      HttpResponse.json({
        secret: "JBSWY3DPEHPK3PXP",
        uri: "otpauth://totp/Tulou:ada",
        svg: '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10"><path d="M0 0h4v4H0zM6 6h4v4H6z"/></svg>',
      }),
    ),
    http.post<never, { code: string }>("*/api/v1/me/second-factor/confirm", async ({ request }) => {
      const { code } = await request.json();
      if (code !== ADA.code) return fault(400, "invalid_request", "this is not the code of now; is the clock right?");
      house.me = { ...house.me, has_second_factor: true };
      return HttpResponse.json({ codes: Array.from({ length: 10 }, (_, place) => `abcd-ef0${place}`) });
    }),
    http.delete("*/api/v1/me/second-factor", () => {
      house.me = { ...house.me, has_second_factor: false };
      return HttpResponse.json({});
    }),
    http.get("*/api/v1/me/sessions", () => HttpResponse.json({ items: house.sessions })),
    http.delete<{ id: string }>("*/api/v1/me/sessions/:id", ({ params }) => {
      house.sessions = house.sessions.filter(({ id }) => id !== params.id);
      return HttpResponse.json({});
    }),
  ];
}
