/** Keeps a page that fails from taking the frame with it. */
import { Component, type ReactNode } from "react";
import { useSpeech } from "~/lib/i18n/context";
import { Fault } from "~/ui/alert";
import { Button } from "~/ui/button";
import { Empty } from "~/ui/empty";

interface BoundaryProps {
  readonly children: ReactNode;
}

export class Boundary extends Component<BoundaryProps, { readonly error: Error | null }> {
  override readonly state = { error: null };

  static getDerivedStateFromError(error: Error) {
    return { error };
  }

  override render() {
    return this.state.error ? <Stumbled error={this.state.error} /> : this.props.children;
  }
}

function Stumbled({ error }: { readonly error: Error }) {
  const { t } = useSpeech();
  return (
    <Empty title={t("common.unexpected")}>
      <Fault error={error} />
      {/* A new build takes the old pages away: only a reload finds the new ones. */}
      <Button onClick={() => location.reload()}>{t("common.tryAgain")}</Button>
    </Empty>
  );
}
