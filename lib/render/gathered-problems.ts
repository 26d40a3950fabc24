import type { EdgeConstructsError } from '../core/error';
import type { Problem } from '../core/problem';
import type { ValidationMessage } from './validation';

const FIELDS = new Intl.Collator('en', { numeric: true });

/** Sorts line 9 before line 10, and in the same way for every locale. */
export function byField(a: Problem, b: Problem): number {
  return FIELDS.compare(a.field, b.field) || (a.field < b.field ? -1 : a.field > b.field ? 1 : 0);
}

/** The problems of an error, for an error about the whole that contains its subject. */
export function placedProblems({ path, problems }: EdgeConstructsError): readonly Problem[] {
  return problems.map((problem) => ({ ...problem, field: `${path} ${problem.field}`.trim() }));
}

/** The message of a validation, as a problem of the whole. */
export function validationProblem({ path, message }: ValidationMessage): Problem {
  return {
    field: path,
    given: 'a construct that fails a validation',
    allowed: 'constructs that pass their validations',
    remedy: message,
  };
}
