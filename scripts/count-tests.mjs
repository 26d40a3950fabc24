// Reads a report of `jest --json`: prints how many tests passed, failed and were skipped; says on stderr which suites were
// skipped, whose titles tell why.
import { readFileSync } from 'node:fs';

const report = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const skipped = report.testResults
  .flatMap(({ assertionResults }) => assertionResults)
  .filter(({ status }) => status === 'pending');
for (const title of new Set(skipped.map(({ ancestorTitles, title }) => ancestorTitles[0] ?? title))) {
  console.error(`not run: ${title}`);
}
console.log(report.numPassedTests, report.numFailedTests + report.numRuntimeErrorTestSuites, report.numPendingTests);
