import { render, screen } from "@testing-library/react";
import type { ReactNode } from "react";
import { describe, expect, it } from "vitest";
import { ApiError } from "~/lib/error";
import { LanguageProvider } from "~/lib/i18n/context";
import { Fault } from "./alert";
import { Diff } from "./diff";
import { Meter } from "./meter";
import { Progress } from "./progress";
import { Ring } from "./ring";
import { Moment, Since, Until } from "./since";

const show = (children: ReactNode) => render(<LanguageProvider>{children}</LanguageProvider>);

describe("a fault", () => {
  it("is nothing where there is none", () => {
    show(<Fault error={null} />);
    expect(screen.queryByRole("alert")).toBeNull();
    expect(screen.queryByRole("status")).toBeNull();
  });

  it("of the house has its words, its code and the request", () => {
    show(<Fault error={new ApiError("the disk is full", "unavailable", 503, "req_1")} />);
    const alert = screen.getByRole("alert");
    expect(alert).toHaveTextContent("the disk is full");
    expect(alert).toHaveTextContent("unavailable");
    expect(alert).toHaveTextContent("req_1");
  });

  it("of a missing permission is no alarm, and says whom to ask", () => {
    show(<Fault error={new ApiError("no role permits keys:write", "forbidden", 403)} />);
    expect(screen.getByRole("status")).toHaveTextContent("Ask somebody who administers the house");
    expect(screen.getByRole("status")).toHaveTextContent("no role permits keys:write");
  });

  it("of the network says that the house did not answer", () => {
    show(<Fault error={new TypeError("fetch failed")} />);
    expect(screen.getByRole("alert")).toHaveTextContent("The house did not answer.");
    expect(screen.queryByText(/fetch failed/)).toBeNull();
  });

  it("that is no error is said as it is", () => {
    show(<Fault error="odd" />);
    expect(screen.getByRole("alert")).toHaveTextContent("odd");
  });
});

describe("a meter", () => {
  const meter = (most: number, used: number, held: number) => {
    show(<Meter label="Budget" most={most} used={used} held={held} tone="ok" />);
    return screen.getByRole("meter", { name: "Budget" });
  };

  it("counts what is held as used", () => {
    expect(meter(100, 40, 20)).toHaveAttribute("aria-valuenow", "60");
  });

  it("is full, and no more than that, where more was used than there is", () => {
    const full = meter(100, 140, 20);
    expect(full).toHaveAttribute("aria-valuenow", "100");
    expect([...full.children].map((bar) => (bar as HTMLElement).style.width)).toEqual(["100%", "100%"]);
  });

  it("of nothing is full", () => {
    expect((meter(0, 0, 0).children[0] as HTMLElement).style.width).toBe("100%");
  });

  it("shows where it is heading", () => {
    show(<Meter label="Budget" most={100} used={1} held={0} forecast={250} tone="bad" />);
    const forecast = screen.getByRole("meter").children[2] as HTMLElement;
    expect(forecast.style.insetInlineStart).toBe("100%");
  });
});

describe("progress", () => {
  it("is named, and said in words to those who see no bar", () => {
    show(<Progress label="Import" value={0.624} />);
    expect(screen.getByRole("progressbar", { name: "Import" })).toHaveAttribute("value", "0.624");
    expect(screen.getByText("62 %")).toBeInTheDocument();
  });
});

describe("a ring", () => {
  const rooms = () => screen.getByRole("img", { name: "Replicas" }).querySelectorAll("path").length - 1;

  it("has a room for each, and none too thin to see", () => {
    show(<Ring label="Replicas" rooms={["ok", "bad", "ok"]} size={90} />);
    expect(rooms()).toBe(3);
  });

  it("shows sixty at most", () => {
    show(<Ring label="Replicas" rooms={Array(500).fill("ok")} size={90} />);
    expect(rooms()).toBe(60);
  });

  it("is vacant where there is nobody, and whole where there is one", () => {
    const { unmount } = show(<Ring label="Replicas" rooms={[]} size={90} />);
    expect(rooms()).toBe(0);
    expect(document.querySelector("circle")).not.toBeNull();
    unmount();
    show(<Ring label="Replicas" rooms={["ok"]} size={90} />);
    expect(document.querySelector("circle")).toBeNull();
    expect(document.body.innerHTML).not.toContain("NaN");
  });
});

describe("a difference", () => {
  it("has a sign beside each line, so that colours are not all there is", () => {
    show(<Diff label="Change" before={"a\nb\nc"} after={"a\nB\nc"} />);
    const signs = [...screen.getByRole("group", { name: "Change" }).children].map(({ textContent }) => textContent);
    expect(signs).toEqual(["11 a", "2−b", "2+B", "33 c"]);
  });

  it("folds what is alike and says how much it is", () => {
    const lines = Array.from({ length: 30 }, (_, place) => `line ${place}`);
    show(<Diff label="Change" before={lines.join("\n")} after={[...lines, "more"].join("\n")} />);
    expect(screen.getByText("27 lines alike")).toBeVisible();
    expect(screen.queryByText("line 5")).toBeNull();
  });
});

describe("a time", () => {
  const now = () => Math.floor(Date.now() / 1000);

  it("says how long ago, and exactly when in its title", () => {
    show(<Since at={now() - 200} />);
    const time = screen.getByText(/^3 min 2\d s$/);
    expect(time).toHaveAttribute("datetime", expect.stringMatching(/^\d{4}-\d\d-\d\dT/));
    expect(time.title).not.toBe("");
  });

  it("says how long still, and that it is over", () => {
    show(<Until at={now() + 7500} />);
    expect(screen.getByText(/^2 h [45] min$/)).toBeVisible();
    show(<Until at={now() - 1} />);
    expect(screen.getByText("overdue")).toBeVisible();
  });

  it("of a moment is the same for every machine", () => {
    show(<Moment at={1_795_253_400} />);
    expect(document.querySelector("time")).toHaveAttribute("datetime", "2026-11-21T09:30:00.000Z");
  });
});
