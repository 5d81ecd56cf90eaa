/** How far the house is with what it does once: its demo models. */
import { queryOptions } from "@tanstack/react-query";
import { type Api, dataOf } from "./client";

export const firstStartQuery = (api: Api) =>
  queryOptions({
    queryKey: ["first-start"],
    queryFn: ({ signal }) => dataOf(api.GET("/api/v1/first-start", { signal })),
    refetchInterval: ({ state }) => (state.data?.done ? false : 2000),
  });
