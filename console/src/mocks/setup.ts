/** What every unit test stands on: a clean browser and a pretended house that refuses unknown requests. */
import "@testing-library/jest-dom/vitest";
import { cleanup, configure } from "@testing-library/react";
import { afterAll, afterEach, beforeAll } from "vitest";
import { pace } from "./inference-handlers";
import { server } from "./server";

// jsdom knows <dialog> but cannot open it.
HTMLDialogElement.prototype.showModal = function showModal() {
  this.open = true;
};
HTMLDialogElement.prototype.close = function close() {
  this.open = false;
};
// A busy machine is slow, not wrong; a failing test need not print the page.
configure({ asyncUtilTimeout: 12_000, getElementError: (message) => new Error(message ?? "") });
window.scrollTo = () => undefined;
pace.ms = 0;

beforeAll(() => server.listen({ onUnhandledRequest: "error" }));
afterEach(() => {
  cleanup();
  server.resetHandlers();
  sessionStorage.clear();
  localStorage.clear();
  history.replaceState(null, "", "/");
});
afterAll(() => server.close());
