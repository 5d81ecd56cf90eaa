import { screen, waitFor, within } from "@testing-library/react";
import { delay, HttpResponse, http } from "msw";
import { describe, expect, it } from "vitest";
import { fakeHouse } from "~/mocks/house";
import { visit } from "~/mocks/render";
import { fault } from "~/mocks/replies";

const NAME = "tulou-demo";

describe("the number of replicas", () => {
  it("shows at once what was asked for, and takes no second wish meanwhile", async () => {
    const slow = http.patch("*/api/v1/deployments/:name", () => delay("infinite"));
    const { user } = visit(`/deployments/${NAME}`, { but: [slow] });
    await user.click(await screen.findByRole("button", { name: "One replica less" }));
    expect(screen.getByRole("status", { name: "Replicas" })).toHaveTextContent("2");
    expect(screen.getByRole("button", { name: "One replica less" })).toBeDisabled();
    expect(screen.getByRole("button", { name: "One replica more" })).toBeDisabled();
  });

  it("is what it was where the house refuses, and says why", async () => {
    const refused = http.patch("*/api/v1/deployments/:name", () =>
      fault(409, "conflict", "not enough memory for one more"),
    );
    const { user } = visit(`/deployments/${NAME}`, { but: [refused] });
    await user.click(await screen.findByRole("button", { name: "One replica more" }));
    expect(await screen.findByRole("alert")).toHaveTextContent("not enough memory for one more");
    expect(screen.getByRole("status", { name: "Replicas" })).toHaveTextContent("3");
  });

  it("is never less than none", async () => {
    const house = fakeHouse();
    house.deployments = house.deployments.map((one) => ({ ...one, spec: { ...one.spec, replicas: 0 } }));
    visit(`/deployments/${NAME}`, { house });
    expect(await screen.findByRole("button", { name: "One replica less" })).toBeDisabled();
    expect(screen.getByRole("button", { name: "One replica more" })).toBeEnabled();
  });
});

describe("what may be done with a deployment", () => {
  it("is trying it, where it answers in words", async () => {
    visit(`/deployments/${NAME}`);
    expect(await screen.findByRole("link", { name: "Try it" })).toHaveAttribute("href", `/playground?model=${NAME}`);
  });

  it("is not trying an encoder of texts in a chat", async () => {
    visit("/deployments/all-minilm-l6-v2");
    expect(await screen.findByRole("button", { name: "Restart" })).toBeVisible();
    expect(screen.queryByRole("link", { name: "Try it" })).toBeNull();
  });

  it("is deleting it gently, or by force where that was chosen", async () => {
    const asked: string[] = [];
    const counted = http.delete("*/api/v1/deployments/:name", ({ request }) => {
      asked.push(new URL(request.url).searchParams.get("force") ?? "");
      return HttpResponse.json({});
    });
    const { user } = visit(`/deployments/${NAME}`, { but: [counted] });
    await user.click(await screen.findByRole("button", { name: "Delete" }));
    const dialog = within(screen.getByRole("dialog"));
    await user.click(dialog.getByRole("checkbox"));
    await user.click(dialog.getByRole("button", { name: "Delete" }));
    await waitFor(() => expect(asked).toEqual(["true"]));
    expect(await screen.findByRole("heading", { name: "Deployments", level: 1 })).toBeVisible();
  });

  it("is restarting it, and the house's words where it is not", async () => {
    const refused = http.post("*/api/v1/deployments/:name/restart", () => fault(503, "unavailable", "no worker"));
    const { user } = visit(`/deployments/${NAME}`, { but: [refused] });
    await user.click(await screen.findByRole("button", { name: "Restart" }));
    expect(await screen.findByText("no worker")).toBeVisible();
  });
});
