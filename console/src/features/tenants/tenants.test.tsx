import { screen, waitFor, within } from "@testing-library/react";
import { HttpResponse, http } from "msw";
import { describe, expect, it } from "vitest";
import { fakeHouse } from "~/mocks/house";
import { visit } from "~/mocks/render";

const ACME = { name: "acme", title: "Acme Ltd", suspended: "", created_at: 1_795_000_000 };

function houseWith(...tenants: (typeof ACME)[]) {
  return { ...fakeHouse(), tenants };
}

const rowOf = async (name: RegExp) =>
  within((await screen.findByRole("rowheader", { name })).closest("tr") as HTMLElement);

describe("the tenants", () => {
  it("are listed by their titles, with the ways to what is theirs", async () => {
    visit("/tenants", { house: houseWith(ACME, { ...ACME, name: "b/c", title: "" }) });
    const row = await rowOf(/Acme Ltd/);
    expect(row.getByText("Active")).toBeVisible();
    const other = await rowOf(/b\/c/);
    expect(other.getByRole("link", { name: "Projects" })).toHaveAttribute("href", "/projects?tenant=b%2Fc");
    expect(other.getByRole("link", { name: "People" })).toHaveAttribute("href", "/people?tenant=b%2Fc");
    expect(other.getByRole("link", { name: "Usage" })).toHaveAttribute("href", "/usage?by=project&tenant=b%2Fc");
  });

  it("are made with a name that is trimmed", async () => {
    const { user, house } = visit("/tenants", { house: houseWith(ACME) });
    await user.click(await screen.findByRole("button", { name: "Make a tenant" }));
    const dialog = within(screen.getByRole("dialog", { name: "Make a tenant" }));
    await user.type(dialog.getByLabelText("Name"), " globex ");
    await user.type(dialog.getByLabelText("Title"), "Globex");
    await user.click(dialog.getByRole("button", { name: "Make a tenant" }));
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    expect(house.tenants).toContainEqual({ name: "globex", title: "Globex", suspended: "", created_at: 0 });
    expect(await screen.findByText("Globex")).toBeVisible();
  });

  it("keep their name, and being suspended, when their title changes", async () => {
    const { user, house } = visit("/tenants", { house: houseWith({ ...ACME, suspended: "no contract" }) });
    await user.click(await screen.findByRole("button", { name: "Edit tenant acme" }));
    const dialog = within(screen.getByRole("dialog", { name: "Edit tenant acme" }));
    expect(dialog.getByLabelText("Name")).toHaveAttribute("readonly");
    await user.clear(dialog.getByLabelText("Title"));
    await user.type(dialog.getByLabelText("Title"), "Acme GmbH");
    await user.click(dialog.getByRole("button", { name: "Save" }));
    await waitFor(() => expect(house.tenants[0]).toMatchObject({ title: "Acme GmbH", suspended: "no contract" }));
  });

  it("are shut out with a reason that everybody sees, and let in again", async () => {
    const { user, house } = visit("/tenants", { house: houseWith(ACME) });
    await user.click(await screen.findByRole("button", { name: "Suspend tenant acme" }));
    const dialog = within(screen.getByRole("dialog", { name: "Suspend tenant acme" }));
    expect(dialog.getByText(/every key and every session of it is refused/)).toBeVisible();
    await user.type(dialog.getByLabelText("Why"), "unpaid since March");
    await user.click(dialog.getByRole("button", { name: "Suspend" }));
    expect(await screen.findByText("unpaid since March")).toBeVisible();
    expect(house.tenants[0]).toMatchObject({ title: "Acme Ltd", suspended: "unpaid since March" });
    await user.click(screen.getByRole("button", { name: "Let in again" }));
    expect(await screen.findByText("Active")).toBeVisible();
    expect(house.tenants[0]?.suspended).toBe("");
  });

  it("say why one was refused, and keep what was typed", async () => {
    const refused = http.put("*/api/v1/tenants/:name", () =>
      HttpResponse.json(
        { error: { message: "a name has lower-case letters", code: "invalid_request" } },
        { status: 400 },
      ),
    );
    const { user } = visit("/tenants", { house: houseWith(ACME), but: [refused] });
    await user.click(await screen.findByRole("button", { name: "Make a tenant" }));
    const dialog = within(screen.getByRole("dialog"));
    await user.type(dialog.getByLabelText("Name"), "GLOBEX");
    await user.click(dialog.getByRole("button", { name: "Make a tenant" }));
    expect(await dialog.findByText(/a name has lower-case letters/)).toBeVisible();
    expect(dialog.getByLabelText("Name")).toHaveValue("GLOBEX");
  });
});
