import { screen, waitFor } from "@testing-library/react";
import { HttpResponse, http } from "msw";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { visit } from "~/mocks/render";

const saved: { name: string; content: Blob | null }[] = [];

beforeEach(() => {
  saved.length = 0;
  let last: Blob | null = null;
  URL.createObjectURL = (content) => {
    last = content as Blob;
    return "blob:house";
  };
  URL.revokeObjectURL = () => undefined;
  vi.spyOn(HTMLAnchorElement.prototype, "click").mockImplementation(function click(this: HTMLAnchorElement) {
    saved.push({ name: this.download, content: last });
  });
});

afterEach(() => vi.restoreAllMocks());

async function textOf(content: Blob | null | undefined): Promise<string> {
  if (!content) throw new Error("nothing was saved");
  return new Response(await content.arrayBuffer()).text();
}

describe("a file of the house", () => {
  it("is the trail of the days that are looked at, with the proof of the session", async () => {
    const asked: Request[] = [];
    const trail = http.get("*/api/v1/audit/export", ({ request }) => {
      asked.push(request);
      return HttpResponse.text('{"sequence":1}\n');
    });
    const { user } = visit("/audit", { but: [trail] });
    await user.type(await screen.findByLabelText("From"), "2026-11-20");
    await user.click(screen.getByRole("button", { name: "Filter" }));
    await user.click(screen.getByRole("button", { name: "Export" }));
    await waitFor(() => expect(saved).toHaveLength(1));
    expect(saved[0]?.name).toBe("audit.jsonl");
    expect(await textOf(saved[0]?.content)).toBe('{"sequence":1}\n');
    expect(asked[0]?.headers.get("authorization")).toMatch(/^Bearer /);
    expect(new URL(asked[0]?.url ?? "").searchParams.get("since")).toMatch(/^\d+$/);
    expect(new URL(asked[0]?.url ?? "").searchParams.has("until")).toBe(false);
  });

  it("is the document of the house as it is now", async () => {
    const { user } = visit("/configuration");
    await user.click(await screen.findByRole("button", { name: "Export" }));
    await waitFor(() => expect(saved[0]?.name).toBe("house.yaml"));
    expect(await textOf(saved[0]?.content)).toContain("projects:");
  });

  it("is not saved when the house refuses, which is said", async () => {
    const refused = http.get("*/api/v1/audit/export", () =>
      HttpResponse.json({ error: { message: "the trail is of no tenant", code: "invalid_request" } }, { status: 400 }),
    );
    const { user } = visit("/audit", { but: [refused] });
    await user.click(await screen.findByRole("button", { name: "Export" }));
    expect(await screen.findByText("the trail is of no tenant")).toBeVisible();
    expect(saved).toEqual([]);
  });
});
