import * as pulumi from '@pulumi/pulumi';
import { EdgeConstructsError } from '../core/error';

/** An error that Pulumi reports by its message alone, without "unhandled exception" and a stack trace. */
export class ToldError extends pulumi.RunError {
  constructor(message: string) {
    super(message);
    shorten(this);
  }
}

/** Makes Pulumi report errors of this library as it reports a {@link ToldError}. */
export function tellErrors(): void {
  // The SDK recognizes errors by this property, because they may come from another copy of it.
  Object.defineProperty(EdgeConstructsError.prototype, '__pulumiRunError', { value: true, configurable: true });
  EdgeConstructsError.made = shorten;
}

/**
 * Removes calls within the SDK from a stack trace. Its source maps give them paths right below the folder of its scope
 * (`node_modules/@pulumi/output.ts`). With such a path, `inspect` of Node 20 silently runs for minutes, until the memory is
 * full. The SDK inspects even errors of which it prints only the message.
 */
function shorten(error: Error): void {
  error.stack = error.stack
    ?.split('\n')
    .filter((line) => !BELOW_SCOPE.test(line))
    .join('\n');
}

const BELOW_SCOPE = /node_modules[\\/]@[^\\/]+[\\/][^\\/]+:\d+:\d+/;
