// Runs a client's features against each model, and prints what came of each as a line of JSON.

const environment = process.env;
export const URL = environment.CLIENT_URL;
export const KEY = environment.CLIENT_KEY;
export const MODELS = JSON.parse(environment.CLIENT_MODELS ?? "[]");
export const PICTURE_DATA = environment.CLIENT_PICTURE;
export const PICTURE = `data:image/png;base64,${PICTURE_DATA}`;

export const WEATHER = {
  type: "object",
  properties: { city: { type: "string" } },
  required: ["city"],
  additionalProperties: false,
};
export const NOTHING = { type: "object", properties: {} };
export const PLACE = {
  type: "object",
  properties: { city: { type: "string" }, degrees: { type: "integer" } },
  required: ["city", "degrees"],
  additionalProperties: false,
};
export const HELLO = "Say hello.";
export const TWO_CITIES = '@call get_weather {"city": "Fuzhou"}\n@call get_weather {"city": "Xiamen"}';
export const CLOCK = "@call now {}";
export const THINK = "@think\n@call now {}";
export const PATCH = "@custom apply_patch *** Begin Patch\\n*** End Patch";
export const NAME = "My name is Ana.";
export const RECALL = "@recall";
export const ANSWERS = { Fuzhou: "31 degrees", Xiamen: "29 degrees" };

export const tag = (model) => `${environment.CLIENT_NAME}-${model}`;
export const result = (name, given) => (name === "get_weather" ? ANSWERS[given.city] : "noon");

// Returns the class of the error that a request raises, by the name that its client gives it.
export async function failure(ask, named = (error) => error.constructor.name) {
  try {
    await ask();
  } catch (error) {
    return named(error);
  }
  return "";
}

export async function gathered(stream, pick) {
  const pieces = [];
  for await (const event of stream) {
    const piece = pick(event);
    if (piece) pieces.push(piece);
  }
  return pieces;
}

export const streamed = (pieces) => ({ text: pieces.join(""), pieces: pieces.length > 2 });

export async function run(features) {
  for (const model of MODELS) {
    for (const [feature, attempt] of Object.entries(features)) {
      const told = { model, feature };
      try {
        told.got = await attempt(model);
      } catch (error) {
        told.error = String(error?.stack ?? error);
      }
      process.stdout.write(`${JSON.stringify(told)}\n`);
    }
  }
}
