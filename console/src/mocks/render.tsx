/** Renders the whole console, signed in, at an address: tests see what a person would. */
import { render } from "@testing-library/react";
import { userEvent } from "@testing-library/user-event";
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
}

export function visit(path: string, { house = fakeHouse(), key = ADMIN_KEY, cookie = false }: Visit = {}) {
  if (cookie) signInAsAda(house);
  server.use(...handlers(house));
  history.replaceState(null, "", path);
  const session = new Session();
  if (cookie) session.enter();
  else if (key !== null) session.begin(key);
  render(<App api={createApi(session)} session={session} />);
  return { house, session, user: userEvent.setup({ delay: null }) };
}
