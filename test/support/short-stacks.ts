// Pulumi notes a stack for each promise it makes, of which there are thousands in a program. Jest translates each by the source maps
// of all files in it, which takes longer than the programs themselves. So those are left empty; stacks of errors stay as they are.
const prepare = Error.prepareStackTrace.bind(Error);
Error.prepareStackTrace = (error, callSites) =>
  callSites[0]?.getFileName()?.endsWith('/runtime/debuggable.js') === true
    ? ''
    : (prepare(error, callSites) as unknown);
