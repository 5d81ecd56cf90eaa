/** Tenants. */
import { words } from "../words";

export const tenants = words(
  {
    active: "Active",
    create: "Make a tenant",
    createTitle: "Make a tenant",
    editTitle: "Edit tenant {name}",
    lead: "Owners of data, apart from all others. Nobody of one sees anything of another.",
    people: "People",
    resume: "Let in again",
    suspend: "Suspend",
    suspendLead:
      "From now on nobody of it may do anything: every key and every session of it is refused, on all gateways, within a second.",
    suspendTitle: "Suspend tenant {name}",
    suspended: "Suspended",
    title: "Tenants",
    why: "Why",
    whyHint: "Those who are refused read it",
  },
  {
    active: "正常",
    create: "创建租户",
    createTitle: "创建租户",
    editTitle: "编辑租户 {name}",
    lead: "数据的拥有者，彼此隔离，互不可见。",
    people: "人员",
    resume: "恢复",
    suspend: "停用",
    suspendLead: "此后该租户的所有人都不能进行任何操作：所有密钥与会话在一秒内被所有网关拒绝。",
    suspendTitle: "停用：租户 {name}",
    suspended: "已停用",
    title: "租户",
    why: "原因",
    whyHint: "被拒绝的人会看到",
  },
);
