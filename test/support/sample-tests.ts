// Suites that run scripts have hundreds of tests, each of which starts dozens of processes: with TEST_SAMPLE=few a third of them
// is declared, the first one of a suite in any case.
import { chosen, isFewTests } from './sample';

const STRIDE = 3;
const RUNS_SCRIPTS = /\/test\/(?:device|kins\/scripts)\//;

if (isFewTests && RUNS_SCRIPTS.test(expect.getState().testPath ?? '')) {
  const declare = globalThis.test;
  let count = 0;
  const isTaken = (): boolean => {
    const index = count++;
    return index === 0 || index % STRIDE === chosen(STRIDE);
  };
  const sampled = (...declaration: Parameters<jest.It>): void => {
    if (isTaken()) declare(...declaration);
  };
  const each =
    (table: readonly unknown[]) =>
    (...declaration: readonly unknown[]): void => {
      const rows = table.filter(isTaken);
      if (rows.length > 0) (declare.each(rows) as (...all: readonly unknown[]) => void)(...declaration);
    };
  globalThis.test = globalThis.it = Object.assign(sampled, declare, { each }) as unknown as jest.It;
}
