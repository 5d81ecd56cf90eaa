import { screen, waitFor, within } from "@testing-library/react";
import { http } from "msw";
import { describe, expect, it } from "vitest";
import { fakeHouse } from "~/mocks/house";
import { visit } from "~/mocks/render";
import { fault } from "~/mocks/replies";

const opened = async (visited: ReturnType<typeof visit>) => {
  const [button] = await screen.findAllByRole("button", { name: /^Add a credential to / });
  await visited.user.click(button as HTMLElement);
  return within(screen.getByRole("dialog"));
};
const credentials = (house: ReturnType<typeof fakeHouse>) => house.upstreams.flatMap((one) => one.credentials);

describe("one more credential", () => {
  it("is asked for before it can be added, and shown nowhere after", async () => {
    const visited = visit("/upstreams");
    const before = credentials(visited.house).length;
    const dialog = await opened(visited);
    expect(dialog.getByRole("button", { name: "Add a credential" })).toBeDisabled();
    await visited.user.type(dialog.getByLabelText("Credential"), "  sk-another-secret ");
    await visited.user.click(dialog.getByRole("button", { name: "Add a credential" }));
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    expect(credentials(visited.house)).toHaveLength(before + 1);
    expect(document.body.innerHTML).not.toContain("sk-another-secret");
  });

  it("may be a reference to where the secret lies", async () => {
    const visited = visit("/upstreams");
    const dialog = await opened(visited);
    await visited.user.type(dialog.getByLabelText("Or a reference"), "env://VENDOR_KEY");
    expect(dialog.getByRole("button", { name: "Add a credential" })).toBeEnabled();
    expect(dialog.getByLabelText("Credential")).toBeDisabled();
  });

  it("that is refused stays typed", async () => {
    const refused = http.post("*/api/v1/upstreams/:name/credentials", () =>
      fault(400, "invalid_request", "a secret has at least 8 characters"),
    );
    const visited = visit("/upstreams", { but: [refused] });
    const dialog = await opened(visited);
    await visited.user.type(dialog.getByLabelText("Credential"), "short");
    await visited.user.click(dialog.getByRole("button", { name: "Add a credential" }));
    expect(await dialog.findByText("a secret has at least 8 characters")).toBeVisible();
    expect(dialog.getByLabelText("Credential")).toHaveValue("short");
  });
});

describe("a credential", () => {
  it("is not revived where the house refuses, which says why", async () => {
    const refused = http.post("*/api/v1/credentials/:id/revive", () => fault(409, "conflict", "the vendor refused it"));
    const { user } = visit("/upstreams", { but: [refused] });
    await user.click(await screen.findByRole("button", { name: "Revive credential old" }));
    expect(await screen.findByText("the vendor refused it")).toBeVisible();
    expect(screen.getByText("retired")).toBeVisible();
  });

  it("is only looked at by those who may not change it", async () => {
    const house = fakeHouse();
    house.me = { ...house.me, permissions: ["*:read"] };
    visit("/upstreams", { house });
    expect(await screen.findByRole("table", { name: "Credentials: qwen" })).toBeVisible();
    expect(screen.queryByRole("button", { name: /(Revive|Delete) credential/ })).toBeNull();
    expect(screen.queryByRole("button", { name: /^Add a credential/ })).toBeNull();
  });
});
