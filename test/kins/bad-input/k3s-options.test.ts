import { l4, LIST, ONLY_ONCE, PRIVATE_KEY, refuses, TOKEN } from './support';

const ownOption = (name: string): string =>
  `given '${name}', which users cannot set; allowed: options that leave the layout as it is.`;
const LOOK_UP = 'Look it up in the K3s reference; names go without leading dashes.';

refuses([
  [
    'an unknown component',
    'u',
    l4({ disable: ['nginx'] }),
    [
      "disable[0]: given 'nginx'; allowed: 'coredns', 'servicelb', 'traefik', 'local-storage', 'metrics-server'. Use a member of K3sComponent.",
    ],
  ],
  [
    'a component twice',
    'u',
    l4({ disable: ['traefik', 'traefik'] }),
    [`disable[1]: given 'traefik'; ${ONLY_ONCE} disable[0]. Remove one of the two.`],
  ],
  [
    'a K3s option with dashes',
    'u',
    l4({ serverOptions: { '--debug': ['true'] } }),
    [`serverOptions.--debug: given '--debug'; allowed: an option of k3s server. ${LOOK_UP}`],
  ],
  [
    'a K3s option without a list',
    'u',
    l4({ serverOptions: { debug: 'true' } }),
    [`serverOptions.debug: given 'true'; allowed: ${LIST}`],
  ],
  [
    'a K3s switch without a value',
    'u',
    l4({ serverOptions: { debug: [] } }),
    ["serverOptions.debug: given []; allowed: a list of at least 1. Give a list; for a switch it is ['true']."],
  ],
  [
    'a token among the K3s options',
    'u',
    l4({ serverOptions: { token: [TOKEN] } }),
    [
      `serverOptions.token: given (a credential, not shown); allowed: options without credentials. It would put a credential into a ConfigMap.`,
    ],
  ],
  [
    'a private key as the value of a K3s option',
    'u',
    l4({ agentOptions: { 'node-label': [PRIVATE_KEY] } }),
    [
      'agentOptions.node-label[0]: given (secret material, not shown); allowed: a string of 1 to 1024 characters on one line, without leading or trailing spaces. Use such a string, or leave the field out if it is optional.',
    ],
  ],
  [
    'an option that would found a second cluster',
    'u',
    l4({ serverOptions: { 'cluster-init': ['true'] } }),
    [
      `serverOptions.cluster-init: ${ownOption('cluster-init')} Which server founds the cluster, and when, is decided on the nodes: a second one would split the unit.`,
    ],
  ],
  [
    'another database',
    'u',
    l4({ serverOptions: { 'datastore-endpoint': ['mysql://user:hunter2@tcp(db)/k3s'] } }),
    [
      `serverOptions.datastore-endpoint: ${ownOption('datastore-endpoint')} A unit keeps its data in embedded etcd, so that L4 can grow to L5 and goes on without the cloud.`,
    ],
  ],
  [
    'an option of servers for agents',
    'u',
    l4({ agentOptions: { 'flannel-backend': ['host-gw'] } }),
    [
      `agentOptions.flannel-backend: given 'flannel-backend'; allowed: an option of k3s agent. It is an option of servers: use serverOptions.`,
    ],
  ],
  [
    'a kubelet argument that the layout needs',
    'u',
    l4({ agentOptions: { 'kubelet-arg': ['v=2', '--root-dir=/tmp'] } }),
    [
      "agentOptions.kubelet-arg[1]: given '--root-dir=/tmp'; allowed: arguments that leave the layout as it is. The layout of the pods depends on it.",
    ],
  ],
  [
    'anonymous access to the API server',
    'u',
    l4({ serverOptions: { 'kube-apiserver-arg': ['anonymous-auth=true'] } }),
    [
      "serverOptions.kube-apiserver-arg[0]: given 'anonymous-auth=true'; allowed: arguments that leave the layout as it is. K3s disables it: anonymous access is not allowed.",
    ],
  ],
  [
    'an option with the name of a field that all objects have',
    'u',
    l4({ serverOptions: { constructor: ['true'] } }),
    [`serverOptions.constructor: given 'constructor'; allowed: an option of k3s server. ${LOOK_UP}`],
  ],
  [
    'an option whose name hides a line break',
    'u',
    l4({ agentOptions: { 'a\nb': ['true'] } }),
    [`agentOptions.a\\u{a}b: given 'a\\u{a}b'; allowed: an option of k3s agent. ${LOOK_UP}`],
  ],
]);
