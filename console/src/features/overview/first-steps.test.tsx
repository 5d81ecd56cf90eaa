import { screen, waitFor } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { curlCall, pythonCall } from "~/features/shared/call";
import { account } from "~/mocks/account";
import { fakeHouse } from "~/mocks/house";
import { visit } from "~/mocks/render";

describe("the first steps", () => {
  it("lead a newcomer from a project to a price", async () => {
    const house = { ...fakeHouse(), entries: [] };
    house.projects = house.projects.slice(0, 1);
    house.keys = house.keys.slice(0, 1);
    const { user } = visit("/", { house });
    expect(await screen.findByRole("link", { name: "Make a project" })).toHaveAttribute("href", "/projects?new=1");
    expect(screen.getByRole("link", { name: "Make a key with a budget" })).toHaveAttribute("href", "/keys?new=1");
    expect(screen.queryByText("(done)")).toBeNull();
    await user.click(screen.getByRole("button", { name: "Call a model" }));
    expect(await screen.findByText(/\$TULOU_API_KEY/)).toBeVisible();
  });

  it("are ticked off by what is true, and gone when all is done", async () => {
    const house = { ...fakeHouse(), ...account(Math.floor(Date.now() / 1000)) };
    localStorage.setItem("tulou.watched", "1");
    visit("/", { house });
    await screen.findByRole("table", { name: "Traffic by model" });
    await waitFor(() => expect(screen.queryByRole("heading", { name: "First steps" })).toBeNull());
  });

  it("go away for those who do not want them", async () => {
    const { user } = visit("/", { house: { ...fakeHouse(), entries: [] } });
    await user.click(await screen.findByRole("button", { name: "Hide these steps" }));
    expect(screen.queryByRole("heading", { name: "First steps" })).toBeNull();
  });

  it("are not for those who may not take them", async () => {
    const house = fakeHouse();
    house.me = { ...house.me, permissions: ["*:read"] };
    visit("/", { house });
    await screen.findByRole("table", { name: "Traffic by model" });
    expect(screen.queryByRole("heading", { name: "First steps" })).toBeNull();
  });
});

describe("the first call", () => {
  it("names a variable in place of a secret that is not known", () => {
    const call = { origin: "https://house", model: "demo", secret: "" };
    expect(curlCall(call)).toContain('"Authorization: Bearer $TULOU_API_KEY"');
    expect(pythonCall(call)).toContain('os.environ["TULOU_API_KEY"]');
  });

  it("is whole where the secret is shown anyway", () => {
    const call = { origin: "https://house", model: 'de"mo', secret: "sk-1" };
    expect(curlCall(call)).toContain('"model":"de\\"mo"');
    expect(pythonCall(call)).toContain('api_key="sk-1"');
    expect(pythonCall(call)).not.toContain("import os");
  });
});
