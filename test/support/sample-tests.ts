// Some suites take long: scripts start dozens of processes for each of hundreds of tests, and fleets, the package and the half for
// Pulumi run whole programs. With TEST_SAMPLE=few a sixth of their tests is declared, and the first one of each block in any case,
// since Jest refuses hooks of a block that has no test.
import { chosen, isFewTests } from './sample';

const STRIDE = 6;
const IS_LONG = /\/test\/(?:device|fleet|kins\/scripts|package|pulumi|render)\//;

type Declare = (...declaration: readonly unknown[]) => void;

if (isFewTests && IS_LONG.test(expect.getState().testPath ?? '')) {
  const { test: declareTest, describe: declareBlock } = globalThis;
  let count = 0;
  let isFirstOfBlock = true;
  const isTaken = (): boolean => {
    const isChosen = isFirstOfBlock || count % STRIDE === chosen(STRIDE);
    count++;
    isFirstOfBlock = false;
    return isChosen;
  };
  const sampled = (...declaration: Parameters<jest.It>): void => {
    if (isTaken()) declareTest(...declaration);
  };
  const each =
    (table: readonly unknown[]): Declare =>
    (...declaration) => {
      const rows = table.filter(isTaken);
      if (rows.length > 0) (declareTest.each(rows) as Declare)(...declaration);
    };
  globalThis.test = globalThis.it = Object.assign(sampled, declareTest, { each }) as unknown as jest.It;

  const ofBlock =
    (body: Declare): Declare =>
    (...row) => {
      isFirstOfBlock = true;
      body(...row);
    };
  const block = (name: string, body: () => void): void => {
    declareBlock(name, ofBlock(body));
  };
  const eachBlock =
    (table: readonly unknown[]) =>
    (name: string, body: Declare): void => {
      (declareBlock.each(table) as Declare)(name, ofBlock(body));
    };
  globalThis.describe = Object.assign(block, declareBlock, { each: eachBlock });
}
