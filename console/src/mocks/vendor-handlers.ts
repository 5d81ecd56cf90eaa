/** Upstreams and the document of the pretended house. */
import { HttpResponse, http } from "msw";
import type { Schemas } from "~/api/types";
import type { FakeHouse } from "./house";
import { fault, found } from "./replies";
import { change, credential, revision, upstream } from "./vendors";

const clock = () => Math.floor(Date.now() / 1000);

export function vendorHandlers(house: FakeHouse) {
  const named = (name: string) => house.upstreams.find(({ spec }) => spec.name === name);
  const every = (id: string, to: (one: ReturnType<typeof credential>) => ReturnType<typeof credential> | null) => {
    house.upstreams = house.upstreams.map((one) => ({
      ...one,
      credentials: one.credentials.flatMap((each) => (each.id === id ? (to(each) ?? []) : each)),
    }));
  };
  return [
    http.get("*/api/v1/providers", () => HttpResponse.json({ items: house.providers })),
    http.get("*/api/v1/upstreams", () => HttpResponse.json({ items: house.upstreams })),
    http.put<{ name: string }, Schemas["UpstreamBody"]>("*/api/v1/upstreams/:name", async ({ params, request }) => {
      const body = await request.json();
      const provider = house.providers.find(({ name }) => name === body.provider);
      if (!provider) return fault(400, "invalid_request", `no provider '${body.provider}'`);
      const made = upstream(params.name, provider, [...(named(params.name)?.credentials ?? [])]);
      house.upstreams = [...house.upstreams.filter(({ spec }) => spec.name !== params.name), made];
      return HttpResponse.json(made);
    }),
    http.delete<{ name: string }>("*/api/v1/upstreams/:name", ({ params }) => {
      house.upstreams = house.upstreams.filter(({ spec }) => spec.name !== params.name);
      return HttpResponse.json({});
    }),
    http.post<{ name: string }, Schemas["CredentialBody"]>("*/api/v1/upstreams/:name/credentials", async (asked) => {
      const { name = "main", secret } = await asked.request.json();
      if (secret === "bad") return fault(400, "invalid_request", "a secret has at least 8 characters");
      const made = credential(`cred_${clock()}`, asked.params.name, name, "active", "", clock());
      house.upstreams = house.upstreams.map((one) =>
        one.spec.name === asked.params.name ? { ...one, credentials: [...one.credentials, made] } : one,
      );
      return HttpResponse.json(made, { status: 201 });
    }),
    http.post<{ id: string }>("*/api/v1/credentials/:id/revive", ({ params }) => {
      every(params.id, (one) => ({ ...one, state: "active", why: "" }));
      return found(house.upstreams.flatMap(({ credentials }) => credentials).find(({ id }) => id === params.id));
    }),
    http.delete<{ id: string }>("*/api/v1/credentials/:id", ({ params }) => {
      every(params.id, () => null);
      return HttpResponse.json({});
    }),
    ...configurationHandlers(house),
  ];
}

function configurationHandlers(house: FakeHouse) {
  const newest = () => house.revisions[0]?.number ?? 0;
  const made = (reason: string, source: "apply" | "rollback", text: string) => {
    const one = revision(
      newest() + 1,
      "ada",
      reason,
      source,
      [change("update", "limits", "assistant-budget")],
      clock(),
    );
    house.revisions = [one, ...house.revisions];
    house.documents = [...house.documents, text];
    return HttpResponse.json({ revision: one });
  };
  return [
    http.get("*/api/v1/configuration", ({ request }) => {
      const asked = new URL(request.url).searchParams.get("revision");
      return HttpResponse.text(house.documents[Number(asked ?? newest())] ?? "");
    }),
    http.get("*/api/v1/configuration/revisions", () => HttpResponse.json({ items: house.revisions, next: null })),
    http.post<never, Schemas["MakePlan"]>("*/api/v1/configuration/plan", async ({ request }) => {
      const { text } = await request.json();
      if (text.includes("limmits"))
        return fault(400, "invalid_request", "line 3, column 1: unknown field 'limmits'; did you mean 'limits'?");
      const same = text === house.documents.at(-1);
      return HttpResponse.json({
        base: newest(),
        changes: same ? [] : [change("update", "limits", "assistant-budget")],
        replayed: 1204,
        different: same ? 0 : 31,
        examples: same ? [] : [EXAMPLE],
        warnings: [],
        returns: [],
      });
    }),
    http.post<never, { revision: number }>("*/api/v1/configuration/rollback/plan", () =>
      HttpResponse.json({
        base: newest(),
        changes: [change("delete", "principals", "default/ben"), change("create", "principals", "default/ana")],
        replayed: 0,
        different: 0,
        examples: [],
        warnings: ["delete principals 'default/ben': 3 keys end at once, and come back disabled by a rollback"],
        returns: ["create principals 'default/ana': it comes back with 2 keys, disabled until somebody enables them"],
      }),
    ),
    http.post<never, Schemas["Apply"]>("*/api/v1/configuration/apply", async ({ request }) => {
      const { text, reason = "" } = await request.json();
      return made(reason, "apply", text);
    }),
    http.post<never, Rollback>("*/api/v1/configuration/rollback", async ({ request }) => {
      const asked = await request.json();
      if (asked.base !== newest()) return fault(409, "conflict", `planned for revision ${asked.base}; plan again`);
      return made(asked.reason, "rollback", house.documents[asked.revision] ?? "");
    }),
  ];
}

interface Rollback {
  readonly revision: number;
  readonly reason: string;
  readonly base: number;
}

const EXAMPLE = {
  request_id: "req_881",
  at: 1_795_253_000,
  tenant: "default",
  project: "assistant",
  principal: "ada",
  key: "key_shop",
  model: "qwen-max",
  was: "allowed",
  would_be: "refused",
  why: "assistant-budget is reached",
};
