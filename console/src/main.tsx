/** Starts the console: one session, one API, one page. */
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { createApi } from "./api/client";
import { recall } from "./api/door";
import { App } from "./app";
import { Session, takeKeyFromAddress } from "./lib/session";
import "./ui/tokens.css";
import "./ui/base.css";

async function start(root: HTMLElement): Promise<void> {
  if (import.meta.env.MODE === "mock") {
    const { pretend } = await import("./mocks/browser");
    pretend();
  }
  const session = new Session();
  const key = takeKeyFromAddress();
  if (key !== null) session.begin(key);
  const api = createApi(session);
  await recall(api, session);
  createRoot(root).render(
    <StrictMode>
      <App api={api} session={session} />
    </StrictMode>,
  );
}

const root = document.getElementById("root");
if (root) void start(root);
