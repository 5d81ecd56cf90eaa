import { renderHook } from "@testing-library/react";
import { afterEach, expect, it, vi } from "vitest";
import { useNow } from "./use-now";

afterEach(() => vi.useRealTimers());

it("is not what it was when somebody last looked", () => {
  vi.useFakeTimers({ now: 1_000_000 });
  const first = renderHook(useNow);
  first.unmount();
  vi.setSystemTime(5_000_000);
  expect(renderHook(useNow).result.current).toBe(5000);
});
