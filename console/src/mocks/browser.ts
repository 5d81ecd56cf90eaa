/** Puts the pretended house in the place of `fetch`, for `npm run dev:mock`: no server, no service worker. */
import { getResponse } from "msw";
import { handlers } from "./handlers";
import { fakeHouse } from "./house";

export function pretend(): void {
  const all = handlers(fakeHouse(Math.floor(Date.now() / 1000)));
  const real = window.fetch.bind(window);
  window.fetch = async (input, init) => {
    const request = new Request(input, init);
    return (await getResponse(all, request)) ?? real(request);
  };
}
