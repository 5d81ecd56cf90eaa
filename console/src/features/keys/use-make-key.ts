/** Makes a key and then its budget; a key without the budget that was asked for is told as such, never passed over. */
import type { UseMutationResult } from "@tanstack/react-query";
import { useChange } from "~/api/change";
import { dataOf } from "~/api/client";
import { useApi } from "~/api/context";
import { type Limit, putLimit } from "~/api/limits";
import type { CreatedKey } from "~/api/types";
import { budgetOf, createKeyOf, type KeyForm } from "./key-form";

export interface MadeKey {
  readonly created: CreatedKey;
  readonly budget: Limit | null;
  /** Why the budget could not be set. */
  readonly fault: unknown;
}

export type MakeKey = UseMutationResult<MadeKey, Error, KeyForm>;

export function useMakeKey(): MakeKey {
  const api = useApi();
  return useChange(["keys", "limits"], async (form: KeyForm): Promise<MadeKey> => {
    const body = createKeyOf(form, Date.now() / 1000);
    const created = await dataOf(api.POST("/api/v1/keys", { body }));
    const budget = budgetOf(form, created.key);
    if (budget === null) return { created, budget, fault: null };
    try {
      await putLimit(api, budget);
      return { created, budget, fault: null };
    } catch (fault) {
      return { created, budget: null, fault };
    }
  });
}
