import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { visit } from "~/mocks/render";

describe("the jobs", () => {
  it("show how far they are and how they ended", async () => {
    visit("/jobs");
    const table = within(await screen.findByRole("table", { name: "Jobs" }));
    expect(table.getByText(/hashing model-00002/)).toBeVisible();
    expect(table.getByText(/no tokenizer.json/)).toBeVisible();
  });

  it("can be cancelled while they run", async () => {
    const { user } = visit("/jobs");
    await user.click(await screen.findByRole("button", { name: "Cancel job job_04" }));
    expect(await screen.findByText("Cancelling")).toBeVisible();
    expect(screen.queryByRole("button", { name: "Cancel job job_04" })).toBeNull();
  });

  it("can be looked at by state", async () => {
    const { user } = visit("/jobs");
    await user.click(await screen.findByRole("radio", { name: "Failed" }));
    await waitFor(() => expect(screen.getAllByRole("rowheader")).toHaveLength(1));
  });
});
