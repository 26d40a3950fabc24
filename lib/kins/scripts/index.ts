import { readScript } from '../../shell/read';

const read = (name: string): string => readScript(`kins/scripts/${name}`);

const CGROUPS = { 'cgroups.sh': read('cgroups.sh') };
const CHECK = { 'check.sh': read('check.sh') };
const CLOUD = { 'cloud.sh': read('cloud.sh') };
const READY = { 'ready.sh': read('ready.sh') };
const TEXT = { 'text.sh': read('text.sh') };
const WAIT = { 'wait.sh': read('wait.sh') };
const JOIN = { ...TEXT, ...WAIT, 'join.sh': read('join.sh') };

/** Scripts of a component, with the functions they source. */
export type Scripts = Readonly<Record<string, string>>;

/** Scripts of the server pods. */
export const SERVER_SCRIPTS: Scripts = {
  ...CHECK,
  ...CLOUD,
  ...JOIN,
  ...READY,
  'database.sh': read('database.sh'),
  'publish.sh': read('publish.sh'),
  'recover.sh': read('recover.sh'),
  'rejoin.sh': read('rejoin.sh'),
  'restore.sh': read('restore.sh'),
  'server.sh': read('server.sh'),
  'snapshots.sh': read('snapshots.sh'),
  'tokens.sh': read('tokens.sh'),
};

/** Scripts of the cri pods. */
export const CRI_SCRIPTS: Scripts = {
  ...CGROUPS,
  ...CHECK,
  ...WAIT,
  'containerd.sh': read('containerd.sh'),
  'cri.sh': read('cri.sh'),
  'prepare.sh': read('prepare.sh'),
  'registries-ready.sh': read('registries-ready.sh'),
  'stop-workloads.sh': read('stop-workloads.sh'),
};

/** Scripts of the agent pods. */
export const AGENT_SCRIPTS: Scripts = {
  ...CGROUPS,
  ...JOIN,
  ...READY,
  'access.sh': read('access.sh'),
  'admit.sh': read('admit.sh'),
  'agent.sh': read('agent.sh'),
  'images.sh': read('images.sh'),
  'network.sh': read('network.sh'),
  'proxy.sh': read('proxy.sh'),
  'registries.sh': read('registries.sh'),
};

/** Scripts of the pods that take a unit off its nodes. */
export const RECYCLE_SCRIPTS: Scripts = {
  ...WAIT,
  'recycle.sh': read('recycle.sh'),
  'remove.sh': read('remove.sh'),
};
