import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { servers } from './gate';
import { env as startingEnv, marksOn, prepare as prepareNode } from './starting-server';
import type { World } from './world';

export const PART = 'lib/server/standby';
export const DATA = 'lib/server/k3s';
export const SAVED = `${DATA}.before-upgrade`;
/** What a release has written into the data. */
export const CHANGED = `${DATA}/server/db/changed`;

/** The release that has proven itself, and that of the pod. */
export const [BEFORE, AFTER] = ['v1.34.1+k3s1', 'v1.35.1+k3s1'];

/** K3s of a release, which says its version, and does what the test has written down for it. */
export function putK3s(machine: World, file: string, name: string, version: string): void {
  machine.write(
    file,
    `#!/bin/sh
if [ "$1" = --version ]; then echo "k3s version ${version} (abc)"; exit; fi
echo "${name} $1 $(head -n 1 "$WORLD/work/config.yaml")" >>"$WORLD/log"
[ ! -e "$WORLD/${name}-does" ] || . "$WORLD/${name}-does"
`,
  );
  chmodSync(machine.at(file), 0o755);
}

/** Has K3s of the pod, `own`, or that of before, `r1`, do something; by itself it ends at once. */
export const does = (machine: World, name: 'own' | 'r1', what: string): void => {
  machine.write(`${name}-does`, `${what}\n`);
};

/** K3s that runs until a condition is met, or it is told to end, or the machine is gone. */
export const runsUntil = (condition: string): string => `
trap 'echo told to end >>"$WORLD/log"; exit 143' TERM
until ${condition} || [ ! -e "$WORLD/bin" ]; do /bin/sleep 0.05; done`;

export const writesData = `mkdir -p "$WORLD/${DATA}/server/db"; echo more >>"$WORLD/${CHANGED}"`;

/** A part whose release has proven itself, with its programs on the node. */
export function proven(machine: World, folder: string, config: Readonly<Record<string, string>>): void {
  machine.write(`${folder}/lock`, '');
  machine.write(`${folder}/proven`, 'a\n');
  machine.write(`${folder}/proven-of.a/programs`, 'r1\n');
  machine.write(`${folder}/proven-of.a/version`, `${BEFORE}\n`);
  for (const [name, text] of Object.entries(config)) machine.write(`${folder}/proven-of.a/config/${name}`, text);
}

/** The node of an only server whose pod brings another release than the one that has proven itself. */
export function prepare(machine: World): void {
  prepareNode(machine);
  const marks = marksOn(machine);
  marks.here('uid-1');
  marks.there('uid-1');
  marks.data();
  machine.write('config/server.yaml', 'settings: of b\n');
  machine.write('config/upgrades', 'soak 60\n');
  proven(machine, PART, { 'server.yaml': 'settings: of a\n' });
  putK3s(machine, 'lib/releases/r1/bin/k3s', 'r1', BEFORE);
  putK3s(machine, 'bin/k3s', 'own', AFTER);
  machine.write('lib/server/kubeconfig.yaml', 'kind: Config\n');
  machine.write('boot-id', 'boot-1\n');
  servers(machine, BEFORE);
  // A process is ended for real. While the file never-ready is there, no release on trial gets ready.
  machine.write(
    'prelude',
    `${machine.read('prelude')}kill() { command kill "$@"; }
kubectl() {
  case "$*" in *'--raw /readyz') if [ -e "$WORLD/never-ready" ] && grep -q ' began ' "$WORLD/${PART}/trial" 2>/dev/null; then return 1; fi ;; esac
  "$WORLD/bin/kubectl" "$@"
}
`,
  );
}

export const env = (machine: World, more: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> =>
  startingEnv(machine, {
    SERVER_COUNT: '1',
    LOCAL_PORT: '26445',
    KINS_REVISION: 'b',
    KINS_RELEASE: 'r2',
    BOOT_ID: machine.at('boot-id'),
    GATE_SECONDS: '1',
    READY_SECONDS: '20',
    SOAK_SECONDS: '15',
    STOP_SECONDS: '1',
    ...more,
  });

/** What K3s was started with, one start after the other. */
export const starts = (machine: World): string[] =>
  machine.log().filter((line) => /^(own|r1) (server|agent) /.test(line));
export const OWN = 'own server settings: of b';
export const R1 = 'r1 server settings: of a';

/** Somebody who runs the part, and ends when asked to hand over, as the earlier pod does. */
export async function earlierPod(machine: World, folder = PART): Promise<ChildProcess> {
  const wanted = machine.at(`${folder}/wanted`);
  const child = spawn(
    '/usr/bin/flock',
    [
      machine.at(`${folder}/lock`),
      '/bin/sh',
      '-c',
      `echo has it; until [ -e "${wanted}" ]; do sleep 0.02; done; echo ended >>"${machine.at('log')}"`,
    ],
    { stdio: ['ignore', 'pipe', 'ignore'], detached: true },
  );
  await new Promise((done) => child.stdout.once('data', done));
  return child;
}
