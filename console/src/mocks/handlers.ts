/** The admin API over a pretended house, for unit tests and for looking at the console without a real one. */
import { HttpResponse, http } from "msw";
import type { CreateKey, Deployment, DeploymentSpec } from "~/api/types";
import { accountHandlers } from "./account-handlers";
import { doorHandlers, meHandlers } from "./door-handlers";
import { governanceHandlers } from "./governance-handlers";
import { ADMIN_KEY, deployment, type FakeHouse, key, replica } from "./house";
import { inferenceHandlers } from "./inference-handlers";
import { modelHandlers } from "./model-handlers";
import { fault, found } from "./replies";
import { tenancyHandlers } from "./tenancy-handlers";
import { overviewAt } from "./traffic";
import { trainingHandlers } from "./training-handlers";
import { vendorHandlers } from "./vendor-handlers";

const clock = () => Math.floor(Date.now() / 1000);

export function handlers(house: FakeHouse) {
  return [
    ...doorHandlers(house),
    http.all("*/api/v1/*", ({ request }) => {
      const key = request.headers.get("authorization");
      const known = key === null ? house.cookie : key === `Bearer ${ADMIN_KEY}`;
      return known ? undefined : fault(401, "unauthenticated", "the key is unknown");
    }),
    ...meHandlers(house),
    ...tenancyHandlers(house),
    ...governanceHandlers(house),
    ...accountHandlers(house),
    ...vendorHandlers(house),
    ...identityHandlers(house),
    ...modelHandlers(house),
    ...deploymentHandlers(house),
    ...jobHandlers(house),
    ...trainingHandlers(house),
    ...observabilityHandlers(house),
    ...inferenceHandlers(house),
  ];
}

function identityHandlers(house: FakeHouse) {
  return [
    http.get("*/api/v1/keys", ({ request }) => {
      const asked = new URL(request.url).searchParams;
      const items = house.keys
        .filter((item) => asked.get("revoked") === "true" || !item.revoked_at)
        .filter((item) => !asked.get("project") || item.project === asked.get("project"));
      return HttpResponse.json({ items, next: null });
    }),
    http.post<never, CreateKey>("*/api/v1/keys", async ({ request }) => {
      const made = key({
        ...(await request.json()),
        id: `key_${house.keys.length}`,
        prefix: "tl-new1",
        created_at: clock(),
      });
      house.keys.unshift(made);
      return HttpResponse.json({ key: made, secret: "tl-new1-Jm4Qk2vXw8Rz6Yb0Nc5Td7Lf3Hs9" }, { status: 201 });
    }),
    http.post<{ id: string }>("*/api/v1/keys/:id/enable", ({ params }) => {
      house.keys = house.keys.map((item) => (item.id === params.id ? { ...item, disabled: "" } : item));
      return found(house.keys.find((item) => item.id === params.id));
    }),
    http.delete<{ id: string }>("*/api/v1/keys/:id", ({ params }) => {
      house.keys = house.keys.map((item) => (item.id === params.id ? { ...item, revoked_at: clock() } : item));
      return found(house.keys.find((item) => item.id === params.id));
    }),
  ];
}

function deploymentHandlers(house: FakeHouse) {
  const named = (name: unknown) => house.deployments.find((item) => item.spec.name === name);
  return [
    http.get("*/api/v1/deployments", () => HttpResponse.json({ items: house.deployments })),
    http.post<never, DeploymentSpec>("*/api/v1/deployments", async ({ request }) => {
      const spec = await request.json();
      if (named(spec.name))
        return fault(409, "conflict", `a deployment named '${spec.name}' exists; choose another name`);
      const asked = deployment(spec.name, "chat", "llamacpp", Array(spec.replicas).fill("starting"), clock());
      const made = { ...asked, spec: { ...asked.spec, ...spec } as Deployment["spec"] };
      house.deployments.push({ ...made, state: "progressing", why: "replicas start" });
      return HttpResponse.json(made, { status: 201 });
    }),
    http.patch<{ name: string }, { replicas?: number }>("*/api/v1/deployments/:name", async ({ params, request }) => {
      const { replicas } = await request.json();
      const item = named(params.name);
      if (item && replicas !== undefined) {
        item.spec.replicas = replicas;
        const more = Array.from(
          { length: replicas },
          (_, i) => item.replicas[i] ?? replica(params.name, i + 1, "starting", clock()),
        );
        item.replicas = more;
      }
      return found(item);
    }),
    http.delete<{ name: string }>("*/api/v1/deployments/:name", ({ params }) => {
      house.deployments = house.deployments.filter((item) => item.spec.name !== params.name);
      return HttpResponse.json({});
    }),
    http.post("*/api/v1/deployments/:name/restart", () => HttpResponse.json({})),
    http.post("*/api/v1/deployments/:name/replicas/:id/restart", () => HttpResponse.json({})),
    http.get("*/api/v1/routes", () => HttpResponse.json({ items: [] })),
  ];
}

function jobHandlers(house: FakeHouse) {
  const named = (id: unknown) => house.jobs.find((item) => item.id === id);
  return [
    http.get("*/api/v1/jobs", ({ request }) => {
      const state = new URL(request.url).searchParams.get("state");
      return HttpResponse.json({ items: house.jobs.filter((item) => !state || item.state === state), next: null });
    }),
    http.get("*/api/v1/jobs/:id", ({ params }) => found(named(params.id))),
    http.post("*/api/v1/jobs/:id/cancel", ({ params }) => {
      const item = named(params.id);
      if (item) item.cancelling = true;
      return found(item);
    }),
  ];
}

function observabilityHandlers(house: FakeHouse) {
  return [
    http.get("*/api/v1/overview", ({ request }) =>
      HttpResponse.json(overviewAt(clock(), Number(new URL(request.url).searchParams.get("seconds") ?? 60))),
    ),
    http.get("*/api/v1/first-start", () => HttpResponse.json({ done: true, seeds: ["tulou-demo"], failed: [] })),
    http.get("*/api/v1/logs", () =>
      HttpResponse.json({
        processes: ["control-1", "gateway-1"],
        lines: [
          JSON.stringify({
            timestamp: "2026-11-21T09:30:01Z",
            level: "info",
            event: "replica_started",
            process: "control-1",
            replica: "tulou-demo-1",
            took_ms: 812,
          }),
          JSON.stringify({
            timestamp: "2026-11-21T09:30:04Z",
            level: "warning",
            event: "replica_failed",
            process: "control-1",
            replica: house.deployments[1]?.replicas[2]?.id,
            code: 1,
          }),
        ],
      }),
    ),
  ];
}
