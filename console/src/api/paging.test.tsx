import { QueryClientProvider, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { render, screen, waitFor } from "@testing-library/react";
import { userEvent } from "@testing-library/user-event";
import type { ReactNode } from "react";
import { describe, expect, it, vi } from "vitest";
import { ApiError } from "~/lib/error";
import { LanguageProvider } from "~/lib/i18n/context";
import { Fault } from "~/ui/alert";
import { More } from "~/ui/more";
import { useChange } from "./change";
import { paged } from "./paged";
import { allItems, nextAfter } from "./paging";
import { queryOf } from "./query";
import { createQueryClient } from "./query-client";

function show(children: ReactNode, client = createQueryClient()) {
  render(
    <QueryClientProvider client={client}>
      <LanguageProvider>{children}</LanguageProvider>
    </QueryClientProvider>,
  );
  return userEvent.setup({ delay: null });
}

interface Letters {
  readonly items: readonly string[];
  readonly next: string | null;
}

describe("a list that comes in pages", () => {
  const PAGES: Readonly<Record<string, Letters>> = {
    "": { items: ["a", "b"], next: "b" },
    b: { items: ["c"], next: null },
  };

  function List({ ask }: { readonly ask: (after: string) => Promise<Letters> }) {
    const query = useInfiniteQuery(paged<Letters, string>(["letters"], "", ask));
    return (
      <>
        <p>letters {allItems(query.data).join("")}</p>
        <More query={query} />
      </>
    );
  }

  it("is asked for after the last of the page before, until there is no more", async () => {
    const ask = vi.fn((after: string) => Promise.resolve(PAGES[after] as Letters));
    const user = show(<List ask={ask} />);
    expect(await screen.findByText("letters ab")).toBeVisible();
    await user.click(screen.getByRole("button", { name: "Show more" }));
    expect(await screen.findByText("letters abc")).toBeVisible();
    expect(screen.queryByRole("button", { name: "Show more" })).toBeNull();
    expect(ask.mock.calls.map(([after]) => after)).toEqual(["", "b"]);
  });

  it("has nothing before it has come", () => {
    expect(allItems(undefined)).toEqual([]);
    expect(nextAfter({ next: null })).toBeUndefined();
    expect(nextAfter({ next: 0 })).toBe(0);
  });
});

describe("parameters", () => {
  it("that are empty are left out; false and 0 are not empty", () => {
    expect(queryOf({ a: "", b: null, c: undefined, d: 0, e: false, f: "x y&z" })).toBe("d=0&e=false&f=x+y%26z");
  });

  it("of a list repeat their name, and may be empty there", () => {
    expect(queryOf({ by: ["model", "", "key"] })).toBe("by=model&by=&by=key");
    expect(queryOf({ by: [] })).toBe("");
  });
});

describe("a question", () => {
  function Question({ ask }: { readonly ask: () => Promise<string> }) {
    const query = useQuery({ queryKey: ["question"], queryFn: ask, retryDelay: 0 });
    return query.error ? <Fault error={query.error} /> : <p>said {query.data ?? "nothing"}</p>;
  }

  it("that was refused is not asked again", async () => {
    const ask = vi.fn(() => Promise.reject(new ApiError("no", "forbidden", 403)));
    show(<Question ask={ask} />);
    expect(await screen.findByText("no")).toBeVisible();
    expect(ask).toHaveBeenCalledTimes(1);
  });

  it.each([
    ["a house that is busy", () => new ApiError("busy", "unavailable", 503)],
    ["a network that is down", () => new TypeError("fetch failed")],
  ])("to %s is asked twice more", async (_name, error) => {
    const ask = vi.fn<() => Promise<string>>(() => Promise.reject(error()));
    ask.mockRejectedValueOnce(error()).mockRejectedValueOnce(error()).mockResolvedValueOnce("yes");
    show(<Question ask={ask} />);
    expect(await screen.findByText("said yes")).toBeVisible();
    expect(ask).toHaveBeenCalledTimes(3);
  });
});

describe("a change", () => {
  function Keys({ ask, change }: { readonly ask: () => Promise<number>; readonly change: () => Promise<null> }) {
    const query = useQuery({ queryKey: ["keys", "all"], queryFn: ask });
    const other = useQuery({ queryKey: ["models"], queryFn: () => "models" });
    const made = useChange(["keys"], change);
    return (
      <>
        <p>
          keys {query.data} {other.dataUpdatedAt > 0 && "there"}
        </p>
        <button type="button" onClick={() => made.mutate(undefined)}>
          change
        </button>
        <Fault error={made.error} />
      </>
    );
  }

  it("has what it may have changed asked again", async () => {
    let count = 1;
    const user = show(<Keys ask={() => Promise.resolve(count)} change={async () => null} />);
    expect(await screen.findByText("keys 1 there")).toBeVisible();
    count = 2;
    await user.click(screen.getByRole("button", { name: "change" }));
    expect(await screen.findByText("keys 2 there")).toBeVisible();
  });

  it("that was refused changes nothing", async () => {
    const ask = vi.fn(() => Promise.resolve(1));
    const refused = () => Promise.reject(new ApiError("it has keys", "conflict", 409));
    const user = show(<Keys ask={ask} change={refused} />);
    await screen.findByText("keys 1 there");
    await user.click(screen.getByRole("button", { name: "change" }));
    await waitFor(() => expect(screen.getByRole("alert")).toHaveTextContent("it has keys"));
    expect(ask).toHaveBeenCalledTimes(1);
  });
});
