/** The logs of the house. */
import { words } from "../words";

export const logs = words(
  {
    all: "All processes",
    emptyTitle: "No log lines",
    event: "Event",
    fields: "Fields",
    lead: "The last lines of every process, merged by time.",
    level: "Level",
    process: "Process",
    requestId: "Request id",
    time: "Time",
    title: "Logs",
  },
  {
    all: "全部进程",
    emptyTitle: "没有日志",
    event: "事件",
    fields: "字段",
    lead: "各进程最近的日志，按时间合并。",
    level: "级别",
    process: "进程",
    requestId: "请求编号",
    time: "时间",
    title: "日志",
  },
);
