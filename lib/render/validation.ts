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
        typeof message === 'string' ? message : `a validation gave ${showGiven(message)}, not a list of texts`;
      found.push({ path: node.path, message: text });
    }
  }
  return found;
}

/**
 * @throws Error with cdk8s' message when validations fail
 */
export function throwIfInvalid(messages: readonly ValidationMessage[]): void {
  const lines = messages.map(({ path, message }) => `[${path}] ${message}`);
  if (lines.length > 0) throw new Error(`Validation failed with the following errors:\n  ${lines.join('\n  ')}`);
}
