/** Renders the whole console, signed in, at an address: tests see what a person would. */
import { render } from "@testing-library/react";
import { userEvent } from "@testing-library/user-event";
import type { RequestHandler } from "msw";
import { createApi } from "~/api/client";
import { App } from "~/app";
import { Session } from "~/lib/session";
import { signInAsAda } from "./door-handlers";
import { handlers } from "./handlers";
import { ADMIN_KEY, type FakeHouse, fakeHouse } from "./house";
import { server } from "./server";

interface Visit {
  readonly house?: FakeHouse;
  readonly key?: string | null;
  /** Signed in with a password: the session is in a cookie. */
  readonly cookie?: boolean;
  /** What the house answers otherwise than it would, from its first answer on. */
  readonly but?: readonly RequestHandler[];
}

export function visit(path: string, { house = fakeHouse(), key = ADMIN_KEY, cookie = false, but = [] }: Visit = {}) {
  if (cookie) signInAsAda(house);
  server.use(...but, ...handlers(house));
  history.replaceState(null, "", path);
  const session = new Session();
  if (cookie) session.enter();
  else if (key !== null) session.begin(key);
  render(<App api={createApi(session)} session={session} />);
  return { house, session, user: userEvent.setup({ delay: null }) };
}
