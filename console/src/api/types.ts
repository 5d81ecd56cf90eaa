/** The contracts' messages by their names; `schema.d.ts` is generated from the OpenAPI document, never edited. */
import type { components } from "./schema";

type Schemas = components["schemas"];

/** Keys belong to a project since there are projects. */
interface InProject {
  readonly project?: string;
  /** The session for which it was made, and with which it ends. */
  readonly session?: string;
}
export type CreateKey = Schemas["CreateKey"] & Pick<InProject, "project">;
export interface CreatedKey {
  readonly key: Key;
  readonly secret: string;
}
export type Deployment = Schemas["Deployment"];
export type DeploymentSpec = Schemas["DeploymentSpec"];
export type DeploymentState = Deployment["state"];
export type Job = Schemas["Job"];
export type JobState = Job["state"];
export type Key = Schemas["Key"] & InProject;
export interface KeyPage {
  readonly items: readonly Key[];
  readonly next?: string | null;
}
export type Model = Schemas["Model"];
export type ModelTraffic = Schemas["ModelTraffic"];
export type Overview = Schemas["Overview"];
export type Process = Schemas["Process"];
export type Rate = Schemas["Rate"];
export type ReplicaState = ReplicaStatus["state"];
export type ReplicaStatus = Schemas["ReplicaStatus"];
export type Recipe = Schemas["Recipe"];
export type Run = Schemas["Run"];
export type Scope = Key["scopes"][number];
export type Task = Model["task"];
export type Upstream = Schemas["Upstream"];
export type Verification = Schemas["Verification"];
export type Version = Schemas["Version"];
