/** Tenants, projects and people of the pretended house. */
import { HttpResponse, http } from "msw";
import type { Principal, PutPrincipal } from "~/api/tenancy";
import type { FakeHouse } from "./house";
import { fault, found } from "./replies";

type Which = { tenant: string; name: string };

export function tenancyHandlers(house: FakeHouse) {
  const person = ({ tenant, name }: Which) =>
    house.principals.find((one) => one.tenant === tenant && one.name === name);
  return [
    http.get("*/api/v1/tenants", () => HttpResponse.json({ items: house.tenants })),
    http.put<{ name: string }, { title: string; suspended: string }>("*/api/v1/tenants/:name", async (asked) => {
      const { name } = asked.params;
      const made = { name, created_at: 0, ...(await asked.request.json()) };
      house.tenants = [...house.tenants.filter((one) => one.name !== name), made];
      return HttpResponse.json(made);
    }),
    http.get("*/api/v1/projects", ({ request }) => {
      const tenant = new URL(request.url).searchParams.get("tenant");
      return HttpResponse.json({ items: house.projects.filter((one) => !tenant || one.tenant === tenant) });
    }),
    http.put<Which, { title: string }>("*/api/v1/projects/:tenant/:name", async ({ params, request }) => {
      const made = { ...params, created_at: 0, ...(await request.json()) };
      house.projects = [...house.projects.filter((one) => one.name !== params.name), made];
      return HttpResponse.json(made);
    }),
    http.delete<Which>("*/api/v1/projects/:tenant/:name", ({ params }) => {
      if (house.keys.some(({ project }) => project === params.name))
        return fault(409, "conflict", `project '${params.name}' has valid keys; revoke them first`);
      house.projects = house.projects.filter((one) => one.name !== params.name);
      return HttpResponse.json({});
    }),
    http.get("*/api/v1/principals", () => HttpResponse.json({ items: house.principals, next: null })),
    http.get<Which>("*/api/v1/principals/:tenant/:name", ({ params }) => found(person(params))),
    http.put<Which, PutPrincipal>("*/api/v1/principals/:tenant/:name", async ({ params, request }) => {
      const { password, ...body } = await request.json();
      const roles = body.roles.map(({ role, project = "" }) => ({ role, project }));
      const made = { ...NOBODY, ...person(params), ...body, ...params, roles };
      const has_password = made.has_password || password !== null;
      house.principals = [...house.principals.filter((one) => one !== person(params)), { ...made, has_password }];
      return HttpResponse.json(made);
    }),
    http.delete<Which>("*/api/v1/principals/:tenant/:name", ({ params }) => {
      house.principals = house.principals.filter((one) => one !== person(params));
      return HttpResponse.json({});
    }),
    http.get<Which>("*/api/v1/principals/:tenant/:name/sessions", ({ params }) =>
      HttpResponse.json({ items: house.sessions.filter(({ principal }) => principal === params.name) }),
    ),
    http.delete("*/api/v1/principals/:tenant/:name/second-factor", () => HttpResponse.json({})),
    http.delete<{ id: string }>("*/api/v1/sessions/:id", ({ params }) => {
      house.sessions = house.sessions.filter(({ id }) => id !== params.id);
      return HttpResponse.json({});
    }),
  ];
}

const NOBODY: Principal = {
  tenant: "default",
  name: "",
  kind: "user",
  title: "",
  email: "",
  roles: [],
  attributes: {},
  suspended: "",
  created_at: 0,
  has_password: false,
  has_second_factor: false,
  subject: "",
  seen_at: null,
};
