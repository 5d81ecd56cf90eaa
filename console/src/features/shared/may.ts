/** What the one who looks may do; what they may not is not offered. */
import { useQuery } from "@tanstack/react-query";
import { useApi } from "~/api/context";
import { covers, type Me, meQuery } from "~/api/me";
import type { Permission } from "~/api/types";

export interface May {
  readonly me: Me | undefined;
  /** False until it is known: nothing is offered that may be taken away again. */
  readonly may: (permission: Permission) => boolean;
}

export function useMay(): May {
  const { data } = useQuery(meQuery(useApi()));
  return { me: data, may: (permission) => data !== undefined && covers(data.permissions, permission) };
}
