/** What this folder writes down by hand is what the house's own document says; `npm run types` brings the newest. */
import { describe, expectTypeOf, it } from "vitest";
import type { Change, Plan, Revision } from "./configuration";
import type { IdentityProviders } from "./door";
import type { AuditRecord, AuditVerdict, Decision, Policy, Role } from "./governance";
import type { Limit, Standing } from "./limits";
import type { Me, SecondFactor, SignInSession } from "./me";
import type { Entry, Price, PriceList, Units, UsageReport } from "./metering";
import type { components } from "./schema";
import type { Principal, Project, Tenant } from "./tenancy";
import type { Credential, Provider } from "./upstreams";

type Schemas = components["schemas"];

describe("messages written by hand", () => {
  it("take what the house says of people and what they may", () => {
    expectTypeOf<Schemas["Me"]>().toExtend<Me>();
    expectTypeOf<Schemas["Session"]>().toExtend<SignInSession>();
    expectTypeOf<Schemas["SecondFactor"]>().toExtend<SecondFactor>();
    expectTypeOf<Schemas["IdentityProviders"]>().toExtend<IdentityProviders>();
    expectTypeOf<Schemas["Tenant"]>().toExtend<Tenant>();
    expectTypeOf<Schemas["Project"]>().toExtend<Project>();
    expectTypeOf<Schemas["Principal"]>().toExtend<Loose<Principal>>();
    expectTypeOf<Schemas["Role"]>().toExtend<Role>();
    expectTypeOf<Schemas["Policy"]>().toExtend<Policy>();
    expectTypeOf<Schemas["Decision"]>().toExtend<Decision>();
    expectTypeOf<Schemas["AuditRecord"]>().toExtend<AuditRecord>();
    expectTypeOf<Schemas["AuditVerdict"]>().toExtend<Loose<AuditVerdict>>();
  });

  it("take what the house says of limits, usage and prices", () => {
    expectTypeOf<Schemas["Limit"]>().toExtend<Limit>();
    expectTypeOf<Schemas["Standing"]>().toExtend<Loose<Standing>>();
    expectTypeOf<Schemas["Units"]>().toExtend<Units>();
    expectTypeOf<Omit<Schemas["Entry"], "tags">>().toExtend<Loose<Omit<Entry, "tags">>>();
    expectTypeOf<Schemas["UsageReport"]>().toExtend<Loose<UsageReport>>();
    expectTypeOf<Schemas["Price"]>().toExtend<Loose<Price>>();
    expectTypeOf<Omit<Schemas["PriceList"], "items" | "built_in">>().toExtend<Omit<PriceList, "items" | "built_in">>();
  });

  it("take what the house says of vendors and of itself", () => {
    expectTypeOf<Omit<Schemas["Provider"], "headers" | "paths">>().toExtend<Omit<Provider, "headers" | "paths">>();
    expectTypeOf<Schemas["Credential"]>().toExtend<Credential>();
    expectTypeOf<Schemas["Change"]>().toExtend<Change>();
    expectTypeOf<Schemas["Plan"]>().toExtend<Plan>();
    expectTypeOf<Schemas["Revision"]>().toExtend<Revision>();
  });
});

/** The document leaves out of what is required whatever may be null, though the house always says it. */
type Loose<T> = { [K in keyof T as null extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as null extends T[K] ? K : never]?: T[K];
};
