import type { IConstruct } from 'constructs';
import { showGiven } from '../core/given';

/** What a construct's validation says. */
export interface ValidationMessage {
  readonly path: string;
  readonly message: string;
}

/** What the validations of constructs say. Every validation is asked once. */
export function validationMessages(constructs: readonly IConstruct[]): readonly ValidationMessage[] {
  const found: ValidationMessage[] = [];
  for (const { node } of constructs) {
    for (const message of node.validate() as readonly unknown[]) {
      // From JavaScript, or from an async function, which nobody waits for.
      const text =
        typeof message === 'string' ? message : `a validation returned ${showGiven(message)}, not a list of strings`;
      found.push({ path: node.path, message: text });
    }
  }
  return found;
}

/** What cdk8s says of validations that fail; `undefined` when none does. */
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
