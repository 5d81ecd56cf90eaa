/** Durable work. */
import { words } from "../words";

export const jobs = words(
  {
    all: "All",
    attempt: "Attempt",
    attemptOf: "{n} of {most}",
    cancelJob: "Cancel job {id}",
    emptyLead: "Imports, training and other long work show here while they run and after.",
    emptyTitle: "No jobs",
    job: "Job",
    lead: "Long work, kept safe across restarts.",
    progress: "Progress",
    title: "Jobs",
    took: "Took",
  },
  {
    all: "全部",
    attempt: "尝试",
    attemptOf: "第 {n} 次，共 {most} 次",
    cancelJob: "取消作业 {id}",
    emptyLead: "导入、训练等耗时工作会显示在这里，运行中和结束后都能查看。",
    emptyTitle: "没有作业",
    job: "作业",
    lead: "耗时的工作，重启也不会丢。",
    progress: "进度",
    title: "作业",
    took: "用时",
  },
);
