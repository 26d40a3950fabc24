import { chmodSync } from 'node:fs';
import { ETCD_LOGS } from './etcd-log';
import { DATABASE, env as startingEnv, HASH, prepare as prepareNode, SERVER_URLS } from './starting-server';
import { type World } from './world';

export const OWN = 'lib/server';
export const DATA = `${OWN}/k3s`;
export const WAL = DATABASE;
export const WISH = `${OWN}/restore`;
export { HASH };

/** The node of a server of a unit that has formed, without any data; one snapshot was put there. */
export function prepare(machine: World): void {
  prepareNode(machine);
  machine.write('config/server.yaml', 'etcd-s3: true\n');
  machine.write('state/cluster-id', 'uid-1');
  machine.write('state/ca-hash', HASH);
  machine.write('state/ca.crt', 'the CA of the unit\n');
  machine.write(`${OWN}/snapshots/friday`, 'the database of friday');
  machine.write(WISH, 'friday\n');
  k3s(machine, RESTORES);
}

/** What K3s does when it is told to restore; it ends with an error in either case. */
export const RESTORES =
  'mkdir -p "$data/server/db/etcd/member/wal"; cat "$snapshot" >"$data/server/db/etcd/restored"; ' +
  ': >"$data/server/db/reset-flag"; echo "Managed etcd cluster membership has been reset, restart without ..." >&2';
/** With a token that does not fit, or a broken snapshot: it leaves its flag all the same. */
export const FAILS =
  'mkdir -p "$data/server/db/etcd/member/wal"; cp "$WORLD/joined.wal" "$data/server/db/etcd/member/wal/0.wal"; ' +
  ': >"$data/server/db/reset-flag"; echo "cannot decrypt" >&2';

export function k3s(machine: World, onRestore: string): void {
  machine.write('joined.wal', ETCD_LOGS.joined);
  machine.remove('bin/k3s');
  machine.write(
    'bin/k3s',
    `#!/bin/sh
echo "k3s $*" >>"$WORLD/log"
data=$WORLD/${DATA}
while [ $# -gt 0 ]; do
  if [ "$1" = --cluster-reset-restore-path ]; then
    snapshot=$2
    cat "$WORLD/work/config.yaml" >"$WORLD/config-of-restore"
    stat -c %a "$WORLD/work/config.yaml" >>"$WORLD/config-of-restore"
    ${onRestore}
    exit 1
  fi
  shift
done
rm -f "$data/server/db/reset-flag"
`,
  );
  chmodSync(machine.at('bin/k3s'), 0o755);
}

/** A server with data of its own, which has taken part in the cluster. */
export function withData(machine: World, id = 'uid-1'): void {
  machine.write(WAL, ETCD_LOGS.joined);
  machine.write(`${DATA}/cluster-id`, `${id}\n`);
  machine.write(`${DATA}/ca-hash`, `${HASH}\n`);
  machine.write(`${DATA}/server/tls/server-ca.crt`, 'the CA of the unit\n');
}

export function env(machine: World, more: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  return startingEnv(machine, {
    NET_TABLES: machine.at('net'),
    SERVER_COUNT: '1',
    JOIN_URL: 'https://test-servers-kins:26443',
    ...more,
  });
}

export const ofThree = { SERVER_COUNT: '3', SERVER_URLS };
export const RESTORE_CALL =
  'k3s server --config /work/config.yaml --cluster-reset --etcd-s3=false --cluster-reset-restore-path ' +
  '/lib/server/snapshots/friday --lb-server-port 29999';
export const START_CALL = 'k3s server --config /work/config.yaml';
