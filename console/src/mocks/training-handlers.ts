/** Training in the pretended house. */
import { HttpResponse, http } from "msw";
import type { Run } from "~/api/types";
import type { FakeHouse } from "./house";
import { found } from "./replies";
import { run } from "./work";

export function trainingHandlers(house: FakeHouse) {
  return [
    http.get("*/api/v1/training/recipes", () =>
      HttpResponse.json({
        items: [
          {
            name: "demo",
            model: "tulou-demo",
            summary: "A small assistant about this house, from text that is ours.",
            license: "Apache-2.0",
            profiles: ["quick", "full"],
          },
        ],
      }),
    ),
    http.get("*/api/v1/training/runs", () => HttpResponse.json({ items: house.runs, next: null })),
    http.post<never, Partial<Run>>("*/api/v1/training/runs", async ({ request }) => {
      const made = run("run_03", await request.json());
      house.runs.unshift(made);
      return HttpResponse.json(made, { status: 202 });
    }),
    http.post("*/api/v1/training/runs/:id/cancel", ({ params }) => {
      const item = house.runs.find((each) => each.id === params.id);
      if (item) item.state = "cancelled";
      return found(item);
    }),
  ];
}
