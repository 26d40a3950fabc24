import { type World } from './world';

/** Where the scripts find what is on a node, in the place of the real paths. */
export const paths = (machine: World): Readonly<Record<string, string>> => ({
  KINS_LIB: machine.at('lib'),
  KINS_IMAGE: machine.at('image'),
  KINS_RUN: machine.at('run'),
  KINS_STATE: machine.at('state'),
  KINS_SECRETS: machine.at('secrets'),
  KINS_CONFIG: machine.at('config'),
  KINS_WORK: machine.at('work'),
  KINS_WAITING: machine.at('waiting'),
  KINS_ADMISSION: machine.at('admission'),
  KINS_IMAGES: machine.at('images'),
  KINS_REGISTRIES: machine.at('registries'),
  CGROUP_ROOT: machine.at('cgroup'),
  NODE_ROOT: machine.at('node'),
  // The watches beside the agent.
  REAL_SLEEP: '2 0.3',
  PROXY_SECONDS: '0.3',
  PEER_SECONDS: '0.3',
  REGISTRY_SECONDS: '0.3',
  REACH_SECONDS: '0.3',
  NET_TABLES: machine.at('net'),
  MACHINE_ID: machine.at('machine-id'),
});

/** One node of a unit with two servers, itself none of them. */
export const NODE = {
  NODE_NAME: 'edge2',
  NODE_IP: '192.0.2.20',
  SERVERS: 'edge1,edge10',
  JOIN_URL: 'https://test-servers-kins:26443',
  OWN_URL: 'https://192.0.2.2:26443',
  API_PORT: '26443',
  OVERLAY_PORT: '26446',
  LOCAL_PORT: '26445',
  SERVER_COUNT: '2',
};
