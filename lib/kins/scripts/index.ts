import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The scripts that the pods of a unit run, by file name. They are read once, when the library is loaded. */
const read = (name: string): string => readFileSync(join(__dirname, name), 'utf8');

const JOIN = read('join.sh');
const READY = read('ready.sh');
const CGROUPS = read('cgroups.sh');
const CHECK = read('check.sh');

/** Scripts of a component, with the functions they source. */
export type Scripts = Readonly<Record<string, string>>;

/** Scripts of the server pods. */
export const SERVER_SCRIPTS: Scripts = {
  'check.sh': CHECK,
  'database.sh': read('database.sh'),
  'join.sh': JOIN,
  'publish.sh': read('publish.sh'),
  'ready.sh': READY,
  'recover.sh': read('recover.sh'),
  'rejoin.sh': read('rejoin.sh'),
  'server.sh': read('server.sh'),
};

/** Scripts of the cri pods. */
export const CRI_SCRIPTS: Scripts = {
  'cgroups.sh': CGROUPS,
  'check.sh': CHECK,
  'cri.sh': read('cri.sh'),
  'prepare.sh': read('prepare.sh'),
  'stop-workloads.sh': read('stop-workloads.sh'),
};

/** Scripts of the agent pods. */
export const AGENT_SCRIPTS: Scripts = {
  'access.sh': read('access.sh'),
  'admit.sh': read('admit.sh'),
  'agent.sh': read('agent.sh'),
  'cgroups.sh': CGROUPS,
  'images.sh': read('images.sh'),
  'join.sh': JOIN,
  'network.sh': read('network.sh'),
  'proxy.sh': read('proxy.sh'),
  'ready.sh': READY,
};

/** Script of the Job that makes the tokens. */
export const TOKEN_SCRIPTS: Scripts = { 'tokens.sh': read('tokens.sh') };

/** Script of the pods that take a unit off its nodes. */
export const RECYCLE_SCRIPTS: Scripts = { 'recycle.sh': read('recycle.sh') };
