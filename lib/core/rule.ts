import type { Problem } from './problem';

/**
 * Returns the problems of the value of one field; an empty list if it is fine.
 *
 * A rule never throws, whatever it is given: props may come from JavaScript, JSON or a cast.
 */
export type Rule = (value: unknown, field: string) => readonly Problem[];
