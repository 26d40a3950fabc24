import { ToldError } from './told-error';

/**
 * How long one answer of a cluster may take. Without a limit, a connection that broke silently would be waited for forever.
 */
export const LONGEST_ANSWER_MS = 30_000;

/**
 * Waits for an answer, but not forever.
 *
 * @throws Error when there is no answer in time
 */
export async function within<T>(milliseconds: number, answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new ToldError(`no answer in ${Math.round(milliseconds / 1000)} seconds`));
    }, milliseconds);
  });
  return Promise.race([answer, limit]).finally(() => {
    clearTimeout(timer);
  });
}

/** Why there was no answer, in short. Bodies and URLs are left out, because they may contain secrets. */
export function reasonOf(error: unknown): string {
  const { code } = error as { readonly code?: unknown };
  if (typeof code === 'number' || typeof code === 'string') return String(code);
  return error instanceof Error ? (error.message.split('\n')[0] ?? '') : 'no answer';
}
