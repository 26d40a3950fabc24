import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { paths } from './node';
import { SCRIPTS } from './scripts-folder';
import type { Run, Shell, World } from './world';

/** What a part knows when it asks for its turn, and what the test has it ask. */
writeFileSync(
  join(SCRIPTS, 'gate-of-test.sh'),
  `set -eu
scripts=$KINS_SCRIPTS work=$KINS_WORK state=$KINS_STATE secrets=$KINS_SECRETS KINS_ROLE=$KIND kind=$KIND
own=$KINS_LIB/server data=$own/k3s
proven=a revision=\${REVISION-b} trial=\${TRIAL-} version=$VERSION proven_version=$PROVEN_VERSION
. "$scripts/join.sh"
if [ "$kind" = server ]; then . "$scripts/rejoin.sh"; . "$scripts/gate-server.sh"; else . "$scripts/gate-node.sh"; fi
eval "$PROGRAM"
`,
);

/** Whether the gate opens, and why not. */
const GATE = 'if gate_opens; then echo open; else echo "$why"; fi';

export interface Asking {
  readonly kind?: 'server' | 'cri' | 'agent';
  /** Version of K3s that runs, and that of the release that waits. */
  readonly from?: string;
  readonly to?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** @default - asks the gate */
  readonly program?: string;
  readonly stopAtSleep?: number;
}

/** Asks the gate as a part would that has another release, on the first of the unit's nodes. */
export function ask(shell: Shell, world: World, asking: Asking = {}): Promise<Run> {
  const { kind = 'agent', from = 'v1.34.1+k3s1', to = 'v1.35.1+k3s1', env = {}, program = GATE, stopAtSleep } = asking;
  return world.run(shell, 'gate-of-test.sh', {
    stopAtSleep,
    env: {
      ...paths(world),
      KIND: kind,
      PROVEN_VERSION: from,
      VERSION: to,
      PROGRAM: program,
      NODE_NAME: 'edge1',
      NODE_IP: '192.0.2.1',
      SERVER_COUNT: '1',
      LOCAL_PORT: '26445',
      JOIN_URL: 'https://test-servers-kins:26443',
      ZONES: world.at('zones'),
      ...env,
    },
  });
}

/** Has servers of the unit answer, with their version, from the address ending in 1 on. */
export function servers(world: World, ...versions: readonly string[]): void {
  world.write('servers', versions.map((_, index) => `https://192.0.2.${index + 1}:26443\n`).join(''));
  versions.forEach((version, index) => {
    world.write(`version-192.0.2.${index + 1}`, `{\n  "major": "1",\n  "gitVersion": "${version}"\n}\n`);
  });
}

/** A node of a unit that serves; its release has proven itself. */
export function prepareGate(world: World): void {
  world.folder('work');
  world.folder('zones');
  world.folder('lib/releases');
  world.write('config/upgrades', 'soak 900\n');
  world.folder('state');
  world.write('secrets/admin-token', 'admin-secret');
  world.write('lib/access/ca.crt', 'the CA');
  world.write('lib/access/token', 'a token');
  world.write('lib/server/kubeconfig.yaml', 'kind: Config\n');
  servers(world, 'v1.35.1+k3s1');
}

/** The record of changes, as people would read it. */
export const recordOf = (world: World): Readonly<Record<string, string>> =>
  world.has('record')
    ? Object.fromEntries(
        Object.entries(world.tree('record'))
          .filter(([key]) => !key.startsWith('.'))
          .map(([key, text]) => [key, (text ?? '').trimEnd()]),
      )
    : {};

export function writeRecord(world: World, record: Readonly<Record<string, string>>): void {
  world.write('record/.version', '7\n');
  for (const [key, value] of Object.entries(record)) world.write(`record/${key}`, `${value}\n`);
}
