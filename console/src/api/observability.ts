/** The house at a glance, asked again each second while somebody looks, and its logs. */
import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { type Api, dataOf } from "./client";

export const overviewQuery = (api: Api, seconds: number) =>
  queryOptions({
    queryKey: ["overview", { seconds }],
    queryFn: ({ signal }) => dataOf(api.GET("/api/v1/overview", { params: { query: { seconds } }, signal })),
    placeholderData: keepPreviousData,
    refetchInterval: 1000,
  });

export const logsQuery = (api: Api, process: string, requestId: string) =>
  queryOptions({
    queryKey: ["logs", { process, requestId }],
    queryFn: ({ signal }) =>
      dataOf(api.GET("/api/v1/logs", { params: { query: { process, request_id: requestId, lines: 300 } }, signal })),
    placeholderData: keepPreviousData,
    refetchInterval: 2000,
  });
