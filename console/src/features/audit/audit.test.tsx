import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { pretty } from "~/lib/pretty";
import { fakeHouse } from "~/mocks/house";
import { visit } from "~/mocks/render";
import { NO_FILTERS, queryOf } from "./audit-filters";

describe("the audit trail", () => {
  it("shows who did what, and why it was refused", async () => {
    visit("/audit");
    const table = within(await screen.findByRole("table", { name: "Audit" }));
    expect(table.getAllByRole("rowheader")).toHaveLength(4);
    expect(table.getByText("no role of bo permits policies:write")).toBeVisible();
  });

  it("is narrowed down by outcome and by principal", async () => {
    const { user } = visit("/audit");
    await user.click(await screen.findByRole("radio", { name: "denied" }));
    await waitFor(() => expect(screen.getAllByRole("rowheader")).toHaveLength(1));
    await user.click(screen.getByRole("radio", { name: "Any outcome" }));
    await user.type(screen.getByLabelText("Principal"), "admin");
    await user.click(screen.getByRole("button", { name: "Filter" }));
    await waitFor(() => expect(screen.getAllByRole("rowheader")).toHaveLength(2));
  });

  it("opens a record with its place in the chain", async () => {
    const { user } = visit("/audit");
    await user.click(await screen.findByRole("button", { name: "Record 4" }));
    const dialog = within(screen.getByRole("dialog", { name: "Record 4" }));
    expect(dialog.getByText("key_console")).toBeVisible();
    expect(dialog.getByText(/"path": "\/api\/v1\/key\/key_shop"/)).toBeVisible();
  });

  it("is verified from its first record to its last, in parts", async () => {
    const { user } = visit("/audit");
    await user.click(await screen.findByRole("button", { name: "Verify" }));
    expect(await screen.findByText(/The chain holds: 4 records/)).toBeVisible();
  });

  it("says where it is broken", async () => {
    const { user } = visit("/audit", { house: { ...fakeHouse(), tampered: 3 } });
    await user.click(await screen.findByRole("button", { name: "Verify" }));
    expect(await screen.findByText("The chain is broken at record 3.")).toBeVisible();
    expect(screen.getByText(/not what its content comes to/)).toBeVisible();
  });
});

describe("the filters", () => {
  it("take the last day in", () => {
    const { since, until } = queryOf({ ...NO_FILTERS, since: "2026-11-20", until: "2026-11-20" });
    expect((until ?? 0) - (since ?? 0)).toBe(86_400);
    expect(queryOf(NO_FILTERS)).toMatchObject({ outcome: null, since: null, until: null });
    expect(queryOf(NO_FILTERS)).not.toHaveProperty("changes");
    expect(queryOf({ ...NO_FILTERS, outcome: "changes" })).toMatchObject({ outcome: null, changes: true });
  });

  it("leave a detail that is no JSON as it is", () => {
    expect(pretty("{")).toBe("{");
    expect(pretty('{"a":1}')).toBe('{\n  "a": 1\n}');
  });
});
