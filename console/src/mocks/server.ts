/** The pretended house as a server for tests. */
import { setupServer } from "msw/node";

export const server = setupServer();
