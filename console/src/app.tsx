/** The console as a whole: what every page stands on, and who may come in. */
import { QueryClientProvider } from "@tanstack/react-query";
import { useState } from "react";
import type { Api } from "./api/client";
import { HouseProvider, useSession } from "./api/context";
import { createQueryClient } from "./api/query-client";
import { SignIn } from "./features/session/sign-in";
import { LanguageProvider } from "./lib/i18n/context";
import type { Session } from "./lib/session";
import { Pages } from "./routes/pages";

interface AppProps {
  readonly api: Api;
  readonly session: Session;
}

export function App({ api, session }: AppProps) {
  return (
    <LanguageProvider>
      <HouseProvider api={api} session={session}>
        <Gate />
      </HouseProvider>
    </LanguageProvider>
  );
}

function Gate() {
  const { signedIn } = useSession();
  return signedIn ? <House /> : <SignIn />;
}

/** What one key saw is forgotten with its session: the cache lives and ends with this component. */
function House() {
  const [queries] = useState(createQueryClient);
  return (
    <QueryClientProvider client={queries}>
      <Pages />
    </QueryClientProvider>
  );
}
