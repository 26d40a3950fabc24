import { readFileSync } from 'node:fs';
import type { ClusterAccess } from './cluster';
import { Cluster } from './cluster';

/** Names the file in which global-setup.ts tells test files how to reach the control plane of this run. */
export const ACCESS_FILE_VARIABLE = 'EDGE_CONSTRUCTS_TEST_CLUSTER';

/** Limits of jest's own are for pure code; here they only end what hangs. */
const TEST_LIMIT_MS = 180_000;

/** A client of this run's control plane, for a test file to make once, at its top, and to close in `afterAll`. */
export function connect(): Cluster {
  jest.setTimeout(TEST_LIMIT_MS);
  const file = process.env[ACCESS_FILE_VARIABLE];
  if (file === undefined) throw new Error('no control plane: run these tests with `npm run test:api`');
  return new Cluster(JSON.parse(readFileSync(file, 'utf8')) as ClusterAccess);
}
