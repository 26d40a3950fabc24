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
  // What the SDK looks for: it has to know the errors of other copies of itself, too.
  Object.defineProperty(EdgeConstructsError.prototype, '__pulumiRunError', { value: true, configurable: true });
  EdgeConstructsError.made = shorten;
}

/**
 * Drops the calls within the SDK. Its source maps place them right below the folder of its scope
 * (`node_modules/@pulumi/output.ts`), and on such a path Node 20 inspects an error until the memory is full, which takes
 * minutes without a word. The SDK inspects even the errors of which it tells the message alone.
 */
function shorten(error: Error): void {
  error.stack = error.stack
    ?.split('\n')
    .filter((line) => !BELOW_SCOPE.test(line))
    .join('\n');
}

const BELOW_SCOPE = /node_modules[\\/]@[^\\/]+[\\/][^\\/]+:\d+:\d+/;
