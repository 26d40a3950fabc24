import { EdgeConstructsError } from '../../lib';

/** What is wrong, the construct's id, its props, and the exact lines. Some props are what JavaScript callers may give. */
export type BadInput = readonly [what: string, id: string, props: unknown, lines: readonly string[]];

/** The problems that a refusal tells, one a line; whatever else was thrown is thrown on. */
export function problemsOf(error: unknown): string[] {
  if (!(error instanceof EdgeConstructsError)) throw error;
  return error.message
    .split('\n')
    .slice(1)
    .map((line) => line.replace(/^ {2}- /, ''));
}

/** The problems of a declaration; none when it is taken. */
export function problemLines(declare: () => unknown): string[] {
  try {
    declare();
  } catch (error) {
    return problemsOf(error);
  }
  return [];
}

/** Whether a declaration is refused. */
export function isRefused(declare: () => unknown): boolean {
  return problemLines(declare).length > 0;
}
