/** Signing in. */
import { words } from "../words";

export const session = words(
  {
    hint: "The line that “tulou up” prints has one. It stays in this tab and is forgotten when the tab closes.",
    key: "Admin key",
    lead: "One gate, many rooms. Paste a key with the scope “admin” to enter.",
    notAdmin: "This key is valid but lacks the scope “admin”. It can be used for inference, not for the console.",
    refused: "The house no longer accepts the key. It may have expired or been revoked; sign in with another one.",
    signIn: "Sign in",
    title: "Come in",
    unknown: "The house does not know this key. Check that it was pasted whole.",
  },
  {
    hint: "运行 “tulou up” 时打印的那一行里就有。密钥只留在本标签页，关闭即忘。",
    key: "管理密钥",
    lead: "一门出入，众室同楼。请粘贴带有 “admin” 权限的密钥。",
    notAdmin: "密钥有效，但没有 “admin” 权限：可用于推理，不能进入控制台。",
    refused: "密钥已不被接受，可能已过期或被吊销，请换一个登录。",
    signIn: "登录",
    title: "请进",
    unknown: "无法识别这个密钥，请检查是否粘贴完整。",
  },
);
