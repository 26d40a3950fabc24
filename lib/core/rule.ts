import type { Problem } from './problem';

/**
 * Tells what is wrong with the value of one field: an empty list when nothing is.
 *
 * A rule never throws, whatever it is given: props may come from JavaScript, JSON or a cast.
 */
export type Rule = (value: unknown, field: string) => readonly Problem[];
