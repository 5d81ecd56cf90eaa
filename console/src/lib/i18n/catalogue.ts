/** Every sentence of the console, by area. */
import { access } from "./words/access";
import { audit } from "./words/audit";
import { common } from "./words/common";
import { configuration } from "./words/configuration";
import { deployments } from "./words/deployments";
import { jobs } from "./words/jobs";
import { keys } from "./words/keys";
import { limits } from "./words/limits";
import { logs } from "./words/logs";
import { me } from "./words/me";
import { models } from "./words/models";
import { overview } from "./words/overview";
import { people } from "./words/people";
import { playground } from "./words/playground";
import { projects } from "./words/projects";
import { session } from "./words/session";
import { shell } from "./words/shell";
import { start } from "./words/start";
import { states } from "./words/states";
import { tenants } from "./words/tenants";
import { training } from "./words/training";
import { upstreams } from "./words/upstreams";
import { usage } from "./words/usage";

export const catalogue = {
  access,
  audit,
  common,
  configuration,
  deployments,
  jobs,
  keys,
  limits,
  logs,
  me,
  models,
  overview,
  people,
  playground,
  projects,
  session,
  shell,
  start,
  states,
  tenants,
  training,
  upstreams,
  usage,
} as const;
