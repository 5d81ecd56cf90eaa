import { screen, waitFor, within } from "@testing-library/react";
import { HttpResponse, http } from "msw";
import { describe, expect, it } from "vitest";
import { takeKeyFromAddress } from "~/lib/session";
import { ADA } from "~/mocks/door-handlers";
import { ADMIN_KEY, fakeHouse } from "~/mocks/house";
import { visit } from "~/mocks/render";
import { fault } from "~/mocks/replies";
import { server } from "~/mocks/server";

describe("signing in", () => {
  it("lets a good key in and keeps it in this tab alone", async () => {
    const { user } = visit("/", { key: null });
    await user.click(await screen.findByRole("button", { name: "Use a key instead" }));
    await user.type(screen.getByLabelText("Admin key"), ADMIN_KEY);
    await user.click(screen.getByRole("button", { name: "Sign in" }));
    expect(await screen.findByRole("heading", { name: "Overview", level: 1 })).toBeVisible();
    expect(sessionStorage.getItem("tulou.key")).toBe(ADMIN_KEY);
    expect(JSON.stringify({ ...localStorage })).not.toContain(ADMIN_KEY);
  });

  it("says that a wrong key is unknown, and keeps nothing", async () => {
    const { user } = visit("/", { key: null });
    await user.click(await screen.findByRole("button", { name: "Use a key instead" }));
    await user.type(screen.getByLabelText("Admin key"), "wrong");
    await user.click(screen.getByRole("button", { name: "Sign in" }));
    expect(await screen.findByRole("alert")).toHaveTextContent("does not know this key");
    expect(sessionStorage.getItem("tulou.key")).toBeNull();
  });

  it("tells a key without the scope admin what it lacks", async () => {
    const { user } = visit("/", { key: null });
    server.use(http.get("*/api/v1/me", () => fault(403, "forbidden", "the key lacks the scope admin")));
    await user.click(await screen.findByRole("button", { name: "Use a key instead" }));
    await user.type(screen.getByLabelText("Admin key"), "inference-only");
    await user.click(screen.getByRole("button", { name: "Sign in" }));
    expect(await screen.findByRole("alert")).toHaveTextContent("lacks the scope");
  });

  it("takes the key from the address and removes it there", () => {
    history.replaceState(null, "", "/models#key=abc");
    expect(takeKeyFromAddress()).toBe("abc");
    expect(location.href).not.toContain("abc");
    expect(location.pathname).toBe("/models");
  });

  it("signs out", async () => {
    const { user } = visit("/");
    await user.click(await screen.findByRole("button", { name: "Sign out" }));
    expect(screen.getByRole("heading", { name: "Come in" })).toBeVisible();
    expect(sessionStorage.getItem("tulou.key")).toBeNull();
  });

  it("asks for another key when the house refuses this one", async () => {
    visit("/keys", { key: "revoked" });
    expect(await screen.findByText(/no longer accepts the key/)).toBeVisible();
  });

  it("speaks Chinese when asked to, on every page from then on", async () => {
    const { user } = visit("/", { key: null });
    await user.click(screen.getByRole("radio", { name: "中文" }));
    expect(screen.getByRole("heading", { name: "请进" })).toBeVisible();
    await waitFor(() => expect(document.documentElement.lang).toBe("zh-CN"));
  });

  it("goes dark when asked to", async () => {
    const { user } = visit("/", { key: null });
    await user.click(screen.getByRole("radio", { name: "Dark" }));
    expect(document.documentElement.dataset.theme).toBe("dark");
    await user.click(screen.getByRole("radio", { name: "As the system" }));
    expect(document.documentElement.dataset.theme).toBeUndefined();
  });

  it("says that the house does not answer when it does not", async () => {
    const { user } = visit("/", { key: null });
    server.use(http.get("*/api/v1/me", () => HttpResponse.error()));
    await user.click(await screen.findByRole("button", { name: "Use a key instead" }));
    await user.type(screen.getByLabelText("Admin key"), "any");
    await user.click(screen.getByRole("button", { name: "Sign in" }));
    expect(await screen.findByRole("alert")).toHaveTextContent("did not answer");
  });
});

describe("people", () => {
  const fill = async (user: ReturnType<typeof visit>["user"], password: string = ADA.password) => {
    await user.type(await screen.findByLabelText("E-mail"), ADA.email);
    await user.type(screen.getByLabelText("Password"), password);
    await user.click(screen.getByRole("button", { name: "Sign in" }));
  };

  it("come in with a password, and no secret is kept where scripts can read it", async () => {
    const { user, session } = visit("/", { key: null });
    await fill(user);
    expect(await screen.findByRole("heading", { name: "Overview", level: 1 })).toBeVisible();
    expect(session.way).toBe("cookie");
    expect(JSON.stringify([{ ...sessionStorage }, { ...localStorage }])).not.toMatch(/secret|password|tl-/);
    expect(await screen.findByRole("link", { name: /^Your page: Ada Lin/ })).toBeVisible();
  });

  it("are asked for their second factor, once the password is right", async () => {
    const house = fakeHouse();
    house.me = { ...house.me, has_second_factor: true };
    const { user } = visit("/", { key: null, house });
    await fill(user);
    await user.type(await screen.findByLabelText("Code"), "000000");
    await user.click(screen.getByRole("button", { name: "Sign in" }));
    expect(await screen.findByRole("alert")).toHaveTextContent("are not right");
    await user.clear(screen.getByLabelText("Code"));
    await user.type(screen.getByLabelText("Code"), ADA.code);
    await user.click(screen.getByRole("button", { name: "Sign in" }));
    expect(await screen.findByRole("heading", { name: "Overview", level: 1 })).toBeVisible();
  });

  it("are told that something is not right, not what", async () => {
    const { user } = visit("/", { key: null });
    await fill(user, "wrong");
    expect(await screen.findByRole("alert")).toHaveTextContent("E-mail, password or code are not right.");
  });

  it("are asked for their tenant where several have their address and password, and not before", async () => {
    const { user } = visit("/", { key: null });
    const bodies: unknown[] = [];
    server.use(
      http.post("*/api/v1/sign-in", async ({ request }) => {
        const body = (await request.json()) as { tenant?: string };
        bodies.push(body);
        return body.tenant ? HttpResponse.json({ second_factor: true }) : fault(409, "conflict", "give `tenant`");
      }),
    );
    expect(await screen.findByLabelText("E-mail")).toBeVisible();
    expect(screen.queryByLabelText("Tenant")).toBeNull();
    await fill(user);
    await user.type(await screen.findByLabelText("Tenant"), "north");
    await user.click(screen.getByRole("button", { name: "Sign in" }));
    expect(await screen.findByLabelText("Code")).toBeVisible();
    expect(bodies).toEqual([
      { email: ADA.email, password: ADA.password },
      { email: ADA.email, password: ADA.password, tenant: "north" },
    ]);
  });

  it("are told to wait when they have guessed too often", async () => {
    const { user } = visit("/", { key: null });
    server.use(http.post("*/api/v1/sign-in", () => fault(429, "limit_reached", "too many")));
    await fill(user);
    expect(await screen.findByRole("alert")).toHaveTextContent("Too many attempts");
  });

  it("go to a provider, which sends them back to where they wanted to be", async () => {
    visit("/usage?span=today", { key: null });
    const link = await screen.findByRole("link", { name: "Sign in with the company" });
    expect(link).toHaveAttribute("href", "/api/v1/sign-in/keycloak?return_to=%2Fusage%3Fspan%3Dtoday");
  });

  it("read why a provider's word was not taken, and the address is clean again", async () => {
    visit("/?sign_in_error=nobody%20here%20has%20this%20address", { key: null });
    expect(await screen.findByRole("alert")).toHaveTextContent("nobody here has this address");
    expect(location.search).toBe("");
  });

  it("find only keys asked for where the house says nothing of passwords", async () => {
    visit("/", { key: null, house: { ...fakeHouse(), door: null } });
    expect(await screen.findByLabelText("Admin key")).toBeVisible();
    expect(screen.queryByRole("button", { name: "Use a password instead" })).toBeNull();
  });

  it("end their session in the house too when they sign out", async () => {
    const { user, house } = visit("/", { cookie: true });
    await user.click(await screen.findByRole("button", { name: "Sign out" }));
    expect(await screen.findByLabelText("E-mail")).toBeVisible();
    expect(house.cookie).toBe(false);
  });

  it("are asked to sign in again when their session was ended elsewhere", async () => {
    const { house } = visit("/projects", { cookie: true });
    house.cookie = false;
    expect(await screen.findByText(/Your session is over/)).toBeVisible();
  });

  it("see only the rooms that they may enter", async () => {
    const house = fakeHouse();
    house.me = { ...house.me, permissions: ["keys:*", "*:read", "-audit:*"], house: false };
    visit("/keys", { house });
    const rooms = within(await screen.findByRole("navigation", { name: "Rooms" }));
    expect(await rooms.findByRole("link", { name: "Keys" })).toBeVisible();
    expect(rooms.queryByRole("link", { name: "Audit" })).toBeNull();
    expect(rooms.queryByRole("link", { name: "Tenants" })).toBeNull();
  });

  it("are told kindly what they may not do", async () => {
    visit("/audit", { but: [http.get("*/api/v1/audit", () => fault(403, "forbidden", "no role permits audit:read"))] });
    expect(await screen.findByText(/Ask somebody who administers the house/)).toBeVisible();
  });
});
