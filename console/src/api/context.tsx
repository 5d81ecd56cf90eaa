/** Hands the API and the session to the components below. */
import { createContext, type ReactNode, use, useSyncExternalStore } from "react";
import type { Session } from "~/lib/session";
import type { Api } from "./client";

interface House {
  readonly api: Api;
  readonly session: Session;
}

const HouseContext = createContext<House | null>(null);

export function HouseProvider({ api, session, children }: House & { readonly children: ReactNode }) {
  return <HouseContext value={{ api, session }}>{children}</HouseContext>;
}

function useHouse(): House {
  const house = use(HouseContext);
  if (!house) throw new Error("a HouseProvider is missing above this component");
  return house;
}

export function useApi(): Api {
  return useHouse().api;
}

/** Return the session, and render again whenever it begins or ends. */
export function useSession(): { readonly session: Session; readonly signedIn: boolean } {
  const { session } = useHouse();
  const way = useSyncExternalStore(session.subscribe, () => session.way);
  return { session, signedIn: way !== null };
}
