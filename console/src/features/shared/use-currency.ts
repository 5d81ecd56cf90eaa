/** The house's currency, as its price book names it. */
import { useQuery } from "@tanstack/react-query";
import { useApi } from "~/api/context";
import { pricesQuery } from "~/api/metering";
import { useMay } from "./may";

export function useCurrency(): string {
  const { may } = useMay();
  const { data } = useQuery({ ...pricesQuery(useApi()), enabled: may("prices:read") });
  return data?.currency ?? "USD";
}
