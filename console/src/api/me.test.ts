import { describe, expect, it } from "vitest";
import { covers } from "./me";

describe("permissions", () => {
  it("cover by name, and by star on either side", () => {
    expect(covers(["keys:read"], "keys:read")).toBe(true);
    expect(covers(["keys:*"], "keys:write")).toBe(true);
    expect(covers(["*:read"], "usage:read")).toBe(true);
    expect(covers(["*:read", "keys:*"], "usage:write")).toBe(false);
    expect(covers([], "usage:read")).toBe(false);
  });

  it("are taken away from what was given for all, not from what was given by name", () => {
    expect(covers(["*:read", "-audit:*"], "audit:read")).toBe(false);
    expect(covers(["*:read", "-audit:*"], "keys:read")).toBe(true);
    expect(covers(["*:read", "-audit:*", "audit:read"], "audit:read")).toBe(true);
  });
});
