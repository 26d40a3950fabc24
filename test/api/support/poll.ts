import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Waits for something the API server does in its own time (a policy reaches its cache, a namespace goes away).
 * The limit is there to end a test that would never pass; it asserts nothing about speed.
 */
export async function eventually<T>(
  what: string,
  probe: () => Promise<T | undefined | false>,
  limitMs = 60_000,
): Promise<T> {
  const deadline = Date.now() + limitMs;
  let lastError: unknown;
  for (;;) {
    try {
      const value = await probe();
      if (value !== undefined && value !== false) return value;
      lastError = undefined;
    } catch (error) {
      lastError = error;
    }
    if (Date.now() > deadline) {
      throw new Error(`gave up after ${limitMs / 1000} s waiting until ${what}`, { cause: lastError });
    }
    await sleep(50);
  }
}
