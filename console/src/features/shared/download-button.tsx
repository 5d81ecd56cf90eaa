/** Fetches a file with the session's proof, and hands it to the browser. */
import { useMutation } from "@tanstack/react-query";
import type { Api } from "~/api/client";
import { useApi } from "~/api/context";
import { download } from "~/lib/download";
import { Fault } from "~/ui/alert";
import { Button } from "~/ui/button";

interface DownloadButtonProps {
  readonly file: (api: Api) => Promise<Blob>;
  readonly name: string;
  readonly children: string;
}

export function DownloadButton({ file, name, children }: DownloadButtonProps) {
  const api = useApi();
  const fetched = useMutation({ mutationFn: async () => download(name, await file(api)) });
  return (
    <>
      <Button icon="download" busy={fetched.isPending} onClick={() => fetched.mutate()}>
        {children}
      </Button>
      <Fault error={fetched.error} />
    </>
  );
}
