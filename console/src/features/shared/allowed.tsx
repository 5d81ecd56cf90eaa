/** Shows what it holds to who may do it; the house would refuse all others, and note each try. */
import type { ReactNode } from "react";
import type { Permission } from "~/api/types";
import { useMay } from "./may";

interface AllowedProps {
  readonly to: Permission;
  readonly children: ReactNode;
}

export function Allowed({ to, children }: AllowedProps) {
  const { may } = useMay();
  return may(to) ? children : null;
}
