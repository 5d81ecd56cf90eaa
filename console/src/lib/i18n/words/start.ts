/** The first steps of a newcomer. */
import { words } from "../words";

export const start = words(
  {
    call: "Call a model",
    callLead: "With curl or any OpenAI client; the snippet is filled in.",
    code: "Show the code",
    done: "done",
    hide: "Hide these steps",
    key: "Make a key with a budget",
    keyLead: "The budget holds from the first request on.",
    lead: "From here to a first answer with a known price in four steps.",
    project: "Make a project",
    projectLead: "Keys, limits and costs belong to one.",
    title: "First steps",
    watch: "Watch the cost appear",
    watchLead: "It shows within seconds, by project, key and model.",
  },
  {
    call: "调用模型",
    callLead: "用 curl 或任意 OpenAI 客户端，代码已填好。",
    code: "查看代码",
    done: "已完成",
    hide: "隐藏",
    key: "创建带预算的密钥",
    keyLead: "预算从第一个请求起生效。",
    lead: "四步得到第一个应答，并看到它的费用。",
    project: "创建项目",
    projectLead: "密钥、限额与费用都归属于项目。",
    title: "快速开始",
    watch: "查看费用",
    watchLead: "几秒内按项目、密钥、模型显示。",
  },
);
