/** The registry of the pretended house. */
import { HttpResponse, http } from "msw";
import type { FakeHouse } from "./house";
import { fault, found } from "./replies";

export function modelHandlers(house: FakeHouse) {
  const named = (name: unknown) => house.models.find((item) => item.name === name);
  return [
    http.get("*/api/v1/models", () => HttpResponse.json({ items: house.models, next: null })),
    http.post("*/api/v1/models/import", () => HttpResponse.json({ job: "job_04" }, { status: 202 })),
    http.get("*/api/v1/models/:name", ({ params }) => found(named(params.name))),
    http.get("*/api/v1/models/:name/versions", ({ params }) =>
      HttpResponse.json({ items: house.versions.filter((item) => item.model === params.name), next: null }),
    ),
    http.post("*/api/v1/models/:name/versions/:reference/verify", ({ params }) =>
      HttpResponse.json({
        model: params.name,
        version: Number(params.reference),
        valid: params.reference !== "1",
        problems: params.reference === "1" ? ["model-q8_0.gguf: sha256 is not what was signed"] : [],
      }),
    ),
    http.put<{ name: string; alias: string }, { version: number }>(
      "*/api/v1/models/:name/aliases/:alias",
      async ({ params, request }) => {
        const { version } = await request.json();
        moveAlias(house, params.name, params.alias, version);
        return found(named(params.name));
      },
    ),
    http.delete<{ name: string; alias: string }>("*/api/v1/models/:name/aliases/:alias", ({ params }) => {
      moveAlias(house, params.name, params.alias, null);
      return HttpResponse.json({});
    }),
    http.delete("*/api/v1/models/:name/versions/:reference", ({ params }) => {
      const version = house.versions.find((item) => String(item.number) === params.reference);
      if (version?.aliases.length)
        return fault(409, "conflict", `version ${version.number} is named by an alias; move it first`);
      house.versions = house.versions.filter((item) => item !== version);
      return HttpResponse.json({});
    }),
  ];
}

function moveAlias(house: FakeHouse, model: string, alias: string, to: number | null): void {
  house.versions = house.versions.map((version) => {
    if (version.model !== model) return version;
    const others = version.aliases.filter((name) => name !== alias);
    return { ...version, aliases: version.number === to ? [...others, alias] : others };
  });
}
