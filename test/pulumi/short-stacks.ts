import * as debuggable from '@pulumi/pulumi/runtime/debuggable';

// Pulumi notes a stack for each promise it makes, of which there are thousands in a program. Jest translates each by the source maps
// of all files in it, which takes longer than the programs themselves. So those are left empty; stacks of errors stay as they are.
type Debuggable = (promise: Promise<unknown>, context?: unknown) => Promise<unknown>;
// Exported, but missing in the type declarations.
const { debuggablePromise } = debuggable as typeof debuggable & { debuggablePromise: Debuggable };
const withoutStack: Debuggable = (...args) => {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return debuggablePromise(...args);
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
};
Object.assign(debuggable, { debuggablePromise: withoutStack });
