import { screen, waitFor } from "@testing-library/react";
import { HttpResponse, http } from "msw";
import { describe, expect, it } from "vitest";
import { takeKeyFromAddress } from "~/lib/session";
import { ADMIN_KEY } from "~/mocks/house";
import { visit } from "~/mocks/render";
import { fault } from "~/mocks/replies";
import { server } from "~/mocks/server";

describe("signing in", () => {
  it("lets a good key in and keeps it in this tab alone", async () => {
    const { user } = visit("/", { key: null });
    await user.type(screen.getByLabelText("Admin key"), ADMIN_KEY);
    await user.click(screen.getByRole("button", { name: "Sign in" }));
    expect(await screen.findByRole("heading", { name: "Overview", level: 1 })).toBeVisible();
    expect(sessionStorage.getItem("tulou.key")).toBe(ADMIN_KEY);
    expect(JSON.stringify({ ...localStorage })).not.toContain(ADMIN_KEY);
  });

  it("says that a wrong key is unknown, and keeps nothing", async () => {
    const { user } = visit("/", { key: null });
    await user.type(screen.getByLabelText("Admin key"), "wrong");
    await user.click(screen.getByRole("button", { name: "Sign in" }));
    expect(await screen.findByRole("alert")).toHaveTextContent("does not know this key");
    expect(sessionStorage.getItem("tulou.key")).toBeNull();
  });

  it("tells a key without the scope admin what it lacks", async () => {
    const { user } = visit("/", { key: null });
    server.use(http.get("*/api/v1/me", () => fault(403, "forbidden", "the key lacks the scope admin")));
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
    await user.type(screen.getByLabelText("Admin key"), "any");
    await user.click(screen.getByRole("button", { name: "Sign in" }));
    expect(await screen.findByRole("alert")).toHaveTextContent("did not answer");
  });
});
