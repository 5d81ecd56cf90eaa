import { render, screen } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { Markdown } from "./markdown";

describe("markdown", () => {
  it("becomes headings, lists, tables and code", () => {
    render(<Markdown text={"# Title\n\n- one\n- **two**\n\n|a|b|\n|-|-|\n|1|2|\n\n```py\nx < y && z\n```"} />);
    expect(screen.getByRole("heading", { name: "Title", level: 3 })).toBeVisible();
    expect(screen.getAllByRole("listitem")).toHaveLength(2);
    expect(screen.getByRole("cell", { name: "2" })).toBeVisible();
    expect(screen.getByText("x < y && z")).toBeVisible();
  });

  it.each([
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "text <b onclick=alert(1)>bold</b>",
    "<iframe srcdoc='<script>1</script>'></iframe>",
  ])("shows HTML as text and never as elements: %s", (text) => {
    const { container } = render(<Markdown text={text} />);
    expect(container.querySelector("script, img, iframe, b, [onclick]")).toBeNull();
    expect(container).toHaveTextContent(text.replaceAll(/\s+/g, " "));
  });

  it.each(["[x](javascript:alert(1))", "[x](data:text/html,1)", "[x](/models)", "![x](javascript:alert(1))"])(
    "links only to the web: %s",
    (text) => {
      render(<Markdown text={text} />);
      expect(screen.queryByRole("link")).toBeNull();
      expect(screen.getByText("x")).toBeVisible();
    },
  );

  it("opens links elsewhere without telling where from, and never loads a picture", () => {
    const { container } = render(<Markdown text={"[site](https://example.org) ![pic](https://example.org/a.png)"} />);
    for (const link of screen.getAllByRole("link"))
      expect(link).toHaveAttribute("rel", expect.stringContaining("noreferrer"));
    expect(container.querySelector("img")).toBeNull();
  });

  it("shows entities as the characters they are", () => {
    render(<Markdown text={"a &lt; b &amp; c"} />);
    expect(screen.getByText("a < b & c")).toBeVisible();
  });

  it("stands a text that is cut anywhere, as a stream leaves it", () => {
    const whole = "# A\n\n| a | b |\n|---|---|\n| `x` | **y** |\n\n```js\nlet a\n```\n\n1. [l](https://x.y)";
    for (let end = 0; end <= whole.length; end += 1) render(<Markdown text={whole.slice(0, end)} />).unmount();
  });
});
