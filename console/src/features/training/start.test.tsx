import { screen, waitFor, within } from "@testing-library/react";
import { HttpResponse, http } from "msw";
import { describe, expect, it } from "vitest";
import { visit } from "~/mocks/render";
import { fault } from "~/mocks/replies";

const opened = async (visited: ReturnType<typeof visit>) => {
  await visited.user.click(await screen.findByRole("button", { name: "Start a run" }));
  const dialog = within(screen.getByRole("dialog", { name: "Start a run" }));
  await dialog.findByLabelText("Recipe");
  return dialog;
};

describe("a run", () => {
  it("is started by its recipe, under the recipe's own name for the model unless another is typed", async () => {
    const asked: unknown[] = [];
    const started = http.post("*/api/v1/training/runs", async ({ request }) => {
      asked.push(await request.json());
      return HttpResponse.json({ job: "job_05", run: "run_03" }, { status: 202 });
    });
    const visited = visit("/training", { but: [started] });
    const dialog = await opened(visited);
    await visited.user.type(dialog.getByLabelText("Model"), " mine ");
    await visited.user.click(dialog.getByRole("button", { name: "Start a run" }));
    await waitFor(() => expect(asked).toHaveLength(1));
    expect(asked[0]).toMatchObject({ model: "mine" });
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  });

  it("that cannot be started says why", async () => {
    const refused = http.post("*/api/v1/training/runs", () =>
      fault(409, "conflict", "PyTorch is missing; install tulou[train]"),
    );
    const visited = visit("/training", { but: [refused] });
    const dialog = await opened(visited);
    await visited.user.click(dialog.getByRole("button", { name: "Start a run" }));
    expect(await dialog.findByText(/install tulou\[train\]/)).toBeVisible();
  });

  it("cannot be started where recipes are not known", async () => {
    const away = http.get("*/api/v1/training/recipes", () => fault(400, "invalid_request", "no recipes here"));
    const { user } = visit("/training", { but: [away] });
    await user.click(await screen.findByRole("button", { name: "Start a run" }));
    const dialog = within(screen.getByRole("dialog"));
    expect(await dialog.findByText("no recipes here")).toBeVisible();
    expect(dialog.queryByRole("button", { name: "Start a run" })).toBeNull();
  });
});
