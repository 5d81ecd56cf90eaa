/** Which page an address shows; each page is loaded when it is first wanted. */
import { lazy, Suspense } from "react";
import { Route, Switch, useLocation } from "wouter";
import { Loading } from "~/ui/empty";
import { Boundary } from "./boundary";
import { NotFound } from "./not-found";
import { Shell } from "./shell";

const Overview = lazy(() => import("~/features/overview/overview"));
const Playground = lazy(() => import("~/features/playground/playground"));
const Models = lazy(() => import("~/features/models/models"));
const Model = lazy(() => import("~/features/models/model"));
const Deployments = lazy(() => import("~/features/deployments/deployments"));
const Deployment = lazy(() => import("~/features/deployments/deployment"));
const Keys = lazy(() => import("~/features/keys/keys"));
const Jobs = lazy(() => import("~/features/jobs/jobs"));
const Training = lazy(() => import("~/features/training/training"));
const Usage = lazy(() => import("~/features/usage/usage"));
const Limits = lazy(() => import("~/features/limits/limits"));
const Upstreams = lazy(() => import("~/features/upstreams/upstreams"));
const Projects = lazy(() => import("~/features/projects/projects"));
const People = lazy(() => import("~/features/people/people"));
const Person = lazy(() => import("~/features/people/person"));
const Policies = lazy(() => import("~/features/access/access"));
const Tenants = lazy(() => import("~/features/tenants/tenants"));
const Audit = lazy(() => import("~/features/audit/audit"));
const Configuration = lazy(() => import("~/features/configuration/configuration"));
const You = lazy(() => import("~/features/me/me"));
const Logs = lazy(() => import("~/features/logs/logs"));

export function Pages() {
  const [path] = useLocation();
  return (
    <Shell>
      <Boundary key={path}>
        <Suspense fallback={<Loading />}>
          <Switch>
            <Route path="/" component={Overview} />
            <Route path="/playground" component={Playground} />
            <Route path="/models" component={Models} />
            <Route path="/models/:name">{({ name }) => <Model key={name} name={name} />}</Route>
            <Route path="/deployments" component={Deployments} />
            <Route path="/deployments/:name">{({ name }) => <Deployment key={name} name={name} />}</Route>
            <Route path="/keys" component={Keys} />
            <Route path="/jobs" component={Jobs} />
            <Route path="/training" component={Training} />
            <Route path="/logs" component={Logs} />
            <Route path="/usage" component={Usage} />
            <Route path="/limits" component={Limits} />
            <Route path="/upstreams" component={Upstreams} />
            <Route path="/projects" component={Projects} />
            <Route path="/people" component={People} />
            <Route path="/people/:tenant/:name">
              {({ tenant, name }) => <Person key={`${tenant}/${name}`} tenant={tenant} name={name} />}
            </Route>
            <Route path="/policies" component={Policies} />
            <Route path="/tenants" component={Tenants} />
            <Route path="/audit" component={Audit} />
            <Route path="/configuration" component={Configuration} />
            <Route path="/me" component={You} />
            <Route component={NotFound} />
          </Switch>
        </Suspense>
      </Boundary>
    </Shell>
  );
}
