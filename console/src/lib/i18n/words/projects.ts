/** Projects. */
import { words } from "../words";

export const projects = words(
  {
    budget: "Budget",
    cost30: "Cost, 30 days",
    create: "Make a project",
    createTitle: "Make a project",
    deleteLead: "Its keys must be gone first. What it used stays in the ledger.",
    deleteTitle: "Delete project {name}",
    editTitle: "Edit project {name}",
    emptyTitle: "No projects",
    key: "Make a key",
    keys: "Keys",
    lead: "Parts of a tenant: keys, files, limits and costs belong to one.",
    nameHint: "Lower case, digits and hyphens; it cannot change later",
    title: "Projects",
    usage: "Usage",
  },
  {
    budget: "预算",
    cost30: "30 天费用",
    create: "创建项目",
    createTitle: "创建项目",
    deleteLead: "须先删除其密钥。已用量仍保留在账本中。",
    deleteTitle: "删除项目 {name}",
    editTitle: "编辑项目 {name}",
    emptyTitle: "没有项目",
    key: "创建密钥",
    keys: "密钥",
    lead: "租户的组成部分：密钥、文件、限额与费用都归属于项目。",
    nameHint: "小写字母、数字与连字符，之后不能更改",
    title: "项目",
    usage: "用量",
  },
);
