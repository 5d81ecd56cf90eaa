import { screen, waitFor, within } from "@testing-library/react";
import { delay, http } from "msw";
import { describe, expect, it } from "vitest";
import { agentOf } from "~/features/shared/session-table";
import { ADA } from "~/mocks/door-handlers";
import { visit } from "~/mocks/render";
import { server } from "~/mocks/server";

const password = "four words in a row";

describe("one's own page", () => {
  it("tells those with a key that passwords are for people", async () => {
    visit("/me");
    expect(await screen.findByText(/You came in with a key/)).toBeVisible();
    expect(await screen.findByText("the whole house")).toBeVisible();
    expect(screen.queryByRole("button", { name: "Change password" })).toBeNull();
  });

  it("changes the password, once the present one is right and both entries agree", async () => {
    const { user } = visit("/me", { cookie: true });
    await user.type(await screen.findByLabelText("Present password"), "wrong");
    await user.type(screen.getByLabelText("New password"), password);
    await user.type(screen.getByLabelText("New password again"), "other");
    expect(screen.getByRole("button", { name: "Change password" })).toBeDisabled();
    await user.clear(screen.getByLabelText("New password again"));
    await user.type(screen.getByLabelText("New password again"), password);
    await user.click(screen.getByRole("button", { name: "Change password" }));
    expect(await screen.findByText("the old password is not right")).toBeVisible();
    await user.clear(screen.getByLabelText("Present password"));
    await user.type(screen.getByLabelText("Present password"), ADA.password);
    await user.click(screen.getByRole("button", { name: "Change password" }));
    expect(await screen.findByText(/The password is changed/)).toBeVisible();
    expect(screen.getByLabelText("New password")).toHaveValue("");
  });

  it("sets up a second factor: a QR code, a first code, and recovery codes that are shown once", async () => {
    const { user } = visit("/me", { cookie: true });
    await user.click(await screen.findByRole("button", { name: "Set up" }));
    expect(await screen.findByRole("img", { name: "QR code for your authenticator" })).toBeVisible();
    expect(screen.getByLabelText("Secret")).toHaveValue("JBSWY3DPEHPK3PXP");
    await user.type(screen.getByLabelText("Code"), "999999");
    await user.click(screen.getByRole("button", { name: "Confirm" }));
    expect(await screen.findByRole("alert")).toHaveTextContent("is the clock right?");
    await user.clear(screen.getByLabelText("Code"));
    await user.type(screen.getByLabelText("Code"), ADA.code);
    await user.click(screen.getByRole("button", { name: "Confirm" }));
    const dialog = within(await screen.findByRole("dialog", { name: "Recovery codes" }));
    expect(dialog.getAllByRole("listitem")).toHaveLength(10);
    await user.click(dialog.getByRole("button", { name: "I have kept them" }));
    expect(document.body.innerHTML).not.toContain("abcd-ef00");
    expect(await screen.findByText(/On: after the password/)).toBeVisible();
  });

  it("shows the recovery codes even if the page knows first that the factor is on", async () => {
    const { user } = visit("/me", { cookie: true });
    await user.click(await screen.findByRole("button", { name: "Set up" }));
    await user.type(await screen.findByLabelText("Code"), ADA.code);
    server.use(http.get("*/api/v1/me/sessions", () => delay("infinite")));
    await user.click(screen.getByRole("button", { name: "Confirm" }));
    expect(await screen.findByText(/On: after the password/)).toBeVisible();
    expect(within(await screen.findByRole("dialog")).getAllByRole("listitem")).toHaveLength(10);
  });

  it("does without a second factor after a second thought", async () => {
    const { user, house } = visit("/me", { cookie: true });
    house.me = { ...house.me, has_second_factor: true };
    await user.click(await screen.findByRole("button", { name: "Remove" }));
    await user.click(within(screen.getByRole("dialog")).getByRole("button", { name: "Remove" }));
    await waitFor(() => expect(house.me.has_second_factor).toBe(false));
  });

  it("ends sessions elsewhere, not the one that asks", async () => {
    const { user, house } = visit("/me", { cookie: true });
    const table = within(await screen.findByRole("table", { name: "Sessions" }));
    expect(table.getAllByRole("button")).toHaveLength(1);
    await user.click(table.getByRole("button", { name: "End session ses_phone" }));
    await waitFor(() => expect(house.sessions.map(({ id }) => id)).toEqual(["ses_here"]));
  });
});

describe("the name of a browser", () => {
  it("is short where it is known, and cut where it is not", () => {
    expect(agentOf("Mozilla/5.0 (Windows NT 10.0) Chrome/141.0 Safari/537.36 Edg/141.0")).toBe("Edge, Windows");
    expect(agentOf("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) Version/18 Safari/605.1")).toBe("Safari, macOS");
    expect(agentOf("tulou-cli/0.2")).toBe("tulou-cli/0.2");
    expect(agentOf("")).toBe("–");
  });
});
