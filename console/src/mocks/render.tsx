/** Renders the whole console, signed in, at an address: tests see what a person would. */
import { render } from "@testing-library/react";
import { userEvent } from "@testing-library/user-event";
import { createApi } from "~/api/client";
import { App } from "~/app";
import { Session } from "~/lib/session";
import { handlers } from "./handlers";
import { ADMIN_KEY, type FakeHouse, fakeHouse } from "./house";
import { server } from "./server";

interface Visit {
  readonly house?: FakeHouse;
  readonly key?: string | null;
}

export function visit(path: string, { house = fakeHouse(), key = ADMIN_KEY }: Visit = {}) {
  server.use(...handlers(house));
  history.replaceState(null, "", path);
  const session = new Session();
  if (key !== null) session.begin(key);
  render(<App api={createApi(session)} session={session} />);
  return { house, session, user: userEvent.setup({ delay: null }) };
}
