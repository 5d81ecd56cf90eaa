/** Every sentence of the console, by area. */
import { common } from "./words/common";
import { deployments } from "./words/deployments";
import { jobs } from "./words/jobs";
import { keys } from "./words/keys";
import { logs } from "./words/logs";
import { models } from "./words/models";
import { overview } from "./words/overview";
import { playground } from "./words/playground";
import { session } from "./words/session";
import { shell } from "./words/shell";
import { states } from "./words/states";
import { training } from "./words/training";

export const catalogue = {
  common,
  deployments,
  jobs,
  keys,
  logs,
  models,
  overview,
  playground,
  session,
  shell,
  states,
  training,
} as const;
