/** Which page an address shows; each page is loaded when it is first wanted, by those who may see it. */
import { Suspense } from "react";
import { Route, Switch, useLocation } from "wouter";
import { Loading } from "~/ui/empty";
import { Boundary } from "./boundary";
import { Guard } from "./guard";
import { NotFound } from "./not-found";
import { Shell } from "./shell";
import { PAGES } from "./table";

export function Pages() {
  const [path] = useLocation();
  return (
    <Shell>
      <Boundary key={path}>
        <Suspense fallback={<Loading />}>
          <Switch>
            {PAGES.map((page) => (
              <Route key={page.path} path={page.path}>
                {(params) => <Guard page={page}>{page.render(params)}</Guard>}
              </Route>
            ))}
            <Route component={NotFound} />
          </Switch>
        </Suspense>
      </Boundary>
    </Shell>
  );
}
