/** What the house answers when it cannot do what was asked: always a message for people and a stable code. */

export class ApiError extends Error {
  override readonly name = "ApiError";

  constructor(
    message: string,
    readonly code: string,
    readonly status: number,
    readonly requestId: string | null = null,
  ) {
    super(message);
  }
}

/** Read `{"error": {...}}`; anything else, such as a proxy's page, still becomes an error with its status. */
export async function errorOf(response: Response): Promise<ApiError> {
  const requestId = response.headers.get("x-request-id");
  const said = fault(await response.json().catch(() => null));
  const message = said.message ?? `${response.status} ${response.statusText}`.trim();
  return new ApiError(message, said.code ?? "unknown", response.status, requestId);
}

function fault(body: unknown): { message?: string; code?: string } {
  const error = isRecord(body) && isRecord(body.error) ? body.error : {};
  return {
    ...(typeof error.message === "string" && { message: error.message }),
    ...(typeof error.code === "string" && { code: error.code }),
  };
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
