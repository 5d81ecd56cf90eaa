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
            <Route component={NotFound} />
          </Switch>
        </Suspense>
      </Boundary>
    </Shell>
  );
}
