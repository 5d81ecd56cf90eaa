import { describe, expect, it, vi } from "vitest";
import { Session, takeKeyFromAddress } from "./session";

describe("a session", () => {
  it("is kept with its key as long as the tab is open", () => {
    new Session().begin("tl-key");
    const again = new Session();
    expect([again.key, again.way, again.ending]).toEqual(["tl-key", "key", null]);
  });

  it("by a password keeps nothing that a script could read", () => {
    const session = new Session();
    session.enter();
    expect([session.key, session.way]).toEqual([null, "cookie"]);
    expect(sessionStorage).toHaveLength(0);
    expect(new Session().way).toBeNull();
  });

  it("says why it ended, and how one came in the last time", () => {
    const session = new Session();
    session.begin("tl-key");
    session.end("refused");
    expect([session.key, session.way, session.ending, session.last]).toEqual([null, null, "refused", "key"]);
    session.enter();
    session.end("chosen");
    expect([session.ending, session.last]).toEqual(["chosen", "cookie"]);
    expect(sessionStorage).toHaveLength(0);
  });

  it("tells those who listen, until they stop", () => {
    const session = new Session();
    const heard = vi.fn();
    const stop = session.subscribe(heard);
    session.begin("a");
    session.end("chosen");
    expect(heard).toHaveBeenCalledTimes(2);
    stop();
    session.begin("b");
    expect(heard).toHaveBeenCalledTimes(2);
  });

  it("that has begun anew has not ended", () => {
    const session = new Session();
    session.end("refused");
    session.begin("tl-key");
    expect(session.ending).toBeNull();
  });
});

describe("a key in the address", () => {
  it("is taken once, and stands there no more", () => {
    history.replaceState(null, "", "/models?tab=a#key=tl-secret");
    expect(takeKeyFromAddress()).toBe("tl-secret");
    expect(location.href).toBe("http://house.test/models?tab=a");
    expect(takeKeyFromAddress()).toBeNull();
  });

  it("that is empty is none, and another fragment is left alone", () => {
    history.replaceState(null, "", "/#key=%20");
    expect(takeKeyFromAddress()).toBeNull();
    history.replaceState(null, "", "/#section");
    expect(takeKeyFromAddress()).toBeNull();
    expect(location.hash).toBe("#section");
  });
});
