import { describe, expect, it } from "vitest";
import { fakeHouse } from "~/mocks/house";
import { emptyForm, specOf } from "./deploy-form";
import { sourceOf } from "./source";

describe("the form of a deployment", () => {
  it("asks for the stable version of a model, under its name", () => {
    expect(specOf(emptyForm("demo"))).toMatchObject({
      name: "demo",
      model: "demo",
      reference: "stable",
      engine: "auto",
      replicas: 1,
      upstreams: [],
    });
  });

  it("of a model elsewhere runs nothing here, whatever was chosen before", () => {
    const form = { ...emptyForm("demo"), source: "remote", replicas: 5, engine: "onnx", reference: "7" } as const;
    const spec = specOf({ ...form, baseUrl: " https://vendor.test/v1 ", remoteModel: " big ", secret: "env://KEY" });
    expect(spec).toMatchObject({ model: "", reference: "stable", engine: "remote", replicas: 1 });
    expect(spec.upstreams).toEqual([
      { base_url: "https://vendor.test/v1", secret: "env://KEY", upstream: "", model: "big", weight: 1 },
    ]);
  });

  it("of an account takes neither an address nor a secret that were typed before it", () => {
    const form = { ...emptyForm(""), source: "remote", upstream: "openai", baseUrl: "https://x", secret: "s" } as const;
    expect(specOf({ ...form, remoteModel: "big" }).upstreams).toEqual([
      { base_url: "", secret: "", upstream: "openai", model: "big", weight: 1 },
    ]);
  });

  it("trims what is typed", () => {
    const spec = specOf({ ...emptyForm("demo"), name: " mine ", reference: " canary " });
    expect([spec.name, spec.reference]).toEqual(["mine", "canary"]);
  });
});

describe("where answers come from", () => {
  const [first] = fakeHouse().deployments;
  const sourceWith = (spec: object, version = 3) => {
    if (!first) throw new Error("no deployment");
    return sourceOf({ ...first, version, spec: { ...first.spec, ...spec } });
  };

  it("is a model's version, and which one an alias means now", () => {
    expect(sourceWith({ model: "demo", reference: "stable", upstreams: [] })).toBe("demo:stable (3)");
    expect(sourceWith({ model: "demo", reference: "3", upstreams: [] })).toBe("demo:3");
  });

  it("is a vendor's model, at an account or at an address", () => {
    const place = { base_url: "https://v.test", secret: "", upstream: "", model: "big", weight: 1 };
    expect(sourceWith({ upstreams: [place] })).toBe("big @ https://v.test");
    expect(sourceWith({ upstreams: [{ ...place, upstream: "openai" }] })).toBe("big @ openai");
  });
});
