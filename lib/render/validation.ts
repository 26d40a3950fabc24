import type { IConstruct } from 'constructs';
import { showGiven } from '../core/given';

/** A message from a construct's validation. */
export interface ValidationMessage {
  readonly path: string;
  readonly message: string;
}

/** The messages of all validations. Each validation runs once. */
export function validationMessages(constructs: readonly IConstruct[]): readonly ValidationMessage[] {
  const found: ValidationMessage[] = [];
  for (const { node } of constructs) {
    for (const message of node.validate() as readonly unknown[]) {
      // May be anything in JavaScript, or a Promise of an async function, which nobody waits for.
      const text =
        typeof message === 'string' ? message : `a validation returned ${showGiven(message)}, not a list of strings`;
      found.push({ path: node.path, message: text });
    }
  }
  return found;
}

/** cdk8s' message for failed validations; `undefined` if there are none. */
export function validationFailure(messages: readonly ValidationMessage[]): string | undefined {
  const lines = messages.map(({ path, message }) => `[${path}] ${message}`);
  return lines.length === 0 ? undefined : `Validation failed with the following errors:\n  ${lines.join('\n  ')}`;
}

/**
 * @throws Error with cdk8s' message when validations fail
 */
export function throwIfInvalid(messages: readonly ValidationMessage[]): void {
  const failure = validationFailure(messages);
  if (failure !== undefined) throw new Error(failure);
}
