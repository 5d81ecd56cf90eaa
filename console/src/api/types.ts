/** The contracts' messages by their names; `schema.d.ts` is generated from the OpenAPI document, never edited. */
import type { Readable } from "openapi-typescript-helpers";
import type { components, paths } from "./schema";

type Messages = components["schemas"];
/** Every message, as the client hands it out. */
export type Schemas = { [Name in keyof Messages]: Readable<Messages[Name]> };

/** The parameters behind the path of a `GET`. */
export type QueryOf<P extends keyof paths> = paths[P] extends { get: { parameters: { query?: infer Q } } }
  ? NonNullable<Q>
  : never;

/** What the house may ask for before it does something; one that no route asks for does not compile. */
export type Permission = Schemas["Permission"];

export type CreateKey = Schemas["NewKey"];
export type CreatedKey = Schemas["CreatedKey"];
export type Deployment = Schemas["Deployment"];
export type DeploymentSpec = Schemas["DeploymentSpec"];
export type DeploymentState = Deployment["state"];
export type Job = Schemas["Job"];
export type JobState = Job["state"];
export type Key = Schemas["Key"];
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
export type Verification = Schemas["Verification"];
export type Version = Schemas["Version"];
