/** Starts the API reference: a page made from the house's own OpenAPI document; no other host is asked. */
import { firstLanguage } from "./lib/i18n/language";
import { Session } from "./lib/session";
import { documentOf } from "./reference/document";
import { draw, openNamed } from "./reference/page";
import { Proof } from "./reference/proof";
import { speaker } from "./reference/words";
import "./ui/tokens.css";
import "./ui/base.css";

async function start(root: HTMLElement): Promise<void> {
  const language = firstLanguage();
  const say = speaker(language);
  root.textContent = say("loading");
  try {
    const proof = new Proof(new Session());
    const [response, who] = await Promise.all([fetch("/openapi.json"), proof.who().catch(() => null)]);
    draw(root, { document: documentOf(await response.json()), proof, who }, language);
    addEventListener("hashchange", openNamed);
  } catch (error) {
    root.textContent = say("unreadable", { why: error instanceof Error ? error.message : String(error) });
  }
}

const root = document.getElementById("root");
if (root) void start(root);
