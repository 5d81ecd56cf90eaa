import { screen, waitFor } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { visit } from "~/mocks/render";
import { PAGES } from "./table";

const EXAMPLES: Readonly<Record<string, string>> = {
  "/deployments/:name": "/deployments/qwen3-0.6b",
  "/models/:name": "/models/tulou-demo",
  "/people/:tenant/:name": "/people/default/ada",
};
const TABS = [
  "/usage?tab=ledger",
  "/upstreams?tab=catalogue",
  "/upstreams?tab=prices",
  "/configuration?tab=compare",
  "/configuration?tab=change",
];
const ADDRESSES = [...PAGES.map(({ path }) => EXAMPLES[path] ?? path), ...TABS];

const CHINESE = /[\u4e00-\u9fff]/;
const UNFILLED = /\{\w+\}/;
/** The address of a vendor, of which each customer has another part. */
const TEMPLATE = /https:\/\/\{\w+\}/g;

async function read(path: string): Promise<string> {
  visit(path);
  await screen.findByRole("heading", { level: 1 });
  await waitFor(() => expect(screen.queryByText(/^(Loading|加载中)$/)).toBeNull());
  return (screen.getByRole("main").textContent ?? "").replace(TEMPLATE, "");
}

describe("every page speaks the language that was chosen", () => {
  it.each(ADDRESSES)("Chinese: %s", async (path) => {
    localStorage.setItem("tulou.language", "zh");
    const words = await read(path);
    expect(words).toMatch(CHINESE);
    expect(words).not.toMatch(UNFILLED);
    expect(words).not.toMatch(/Loading|undefined|\[object/);
    expect(document.documentElement.lang).toBe("zh-CN");
  });
});
