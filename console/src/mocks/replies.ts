/** Replies in the house's shapes. */
import { HttpResponse, type JsonBodyType } from "msw";

export function fault(status: number, code: string, message: string) {
  return HttpResponse.json({ error: { message, type: code, param: null, code } }, { status });
}

export function found(item: JsonBodyType | undefined) {
  return item === undefined ? fault(404, "not_found", "there is none of that name") : HttpResponse.json(item);
}
