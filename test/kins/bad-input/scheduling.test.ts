import { l4, LIST, refuses } from './support';

refuses([
  [
    'no unit of processor time',
    'u',
    l4({ resources: { server: { cpuRequest: 'two' } } }),
    [
      "resources.server.cpuRequest: given 'two'; allowed: CPU time as Kubernetes writes it, in cores or millicores. Write it like 250m.",
    ],
  ],
  [
    'memory as a number',
    'u',
    l4({ resources: { agent: { memoryLimit: 512 } } }),
    [
      'resources.agent.memoryLimit: given 512; allowed: a number of bytes as Kubernetes writes it. Write it like 512Mi or 1.5Gi.',
    ],
  ],
  [
    'memory in thousandths of a byte',
    'u',
    l4({ resources: { cri: { memoryRequest: '512m' } } }),
    [
      "resources.cri.memoryRequest: given '512m'; allowed: a number of bytes as Kubernetes writes it. Write it like 512Mi or 1.5Gi.",
    ],
  ],
  [
    'resources of no part',
    'u',
    l4({ resources: { etcd: {} } }),
    ['resources.etcd: given {}; allowed: only server, agent, cri. There is no such prop.'],
  ],
  [
    'a limit below the default request',
    'u',
    l4({ resources: { server: { cpuLimit: '0.1', memoryLimit: '100M' } } }),
    [
      "resources.server.cpuLimit: given '0.1'; allowed: at least the request, which is 250m. Raise the limit, or lower cpuRequest.",
      "resources.server.memoryLimit: given '100M'; allowed: at least the request, which is 512Mi. Raise the limit, or lower memoryRequest.",
    ],
  ],
  [
    'a limit below the request',
    'u',
    l4({ resources: { cri: { memoryRequest: '1Gi', memoryLimit: '1G' } } }),
    [
      "resources.cri.memoryLimit: given '1G'; allowed: at least the request, which is 1Gi. Raise the limit, or lower memoryRequest.",
    ],
  ],
  [
    'a toleration of a value of any key',
    'u',
    l4({ tolerations: [{ value: 'edge' }] }),
    [
      'tolerations[0]: given an object with value; allowed: a key whenever there is a value. Name the key of the taint, or remove the value.',
    ],
  ],
  [
    'an unknown effect of a taint',
    'u',
    l4({ tolerations: [{ key: 'kins', effect: 'NoRun' }] }),
    [
      "tolerations[0].effect: given 'NoRun'; allowed: 'NoSchedule', 'PreferNoSchedule', 'NoExecute'. Use a member of TaintEffect.",
    ],
  ],
  [
    'a toleration whose key is none',
    'u',
    l4({ tolerations: [{ key: 'a b' }] }),
    [
      "tolerations[0].key: given 'a b'; allowed: a name of at most 63 letters, digits, -, _ and ., optionally after a DNS prefix and a slash. Give a valid label key.",
    ],
  ],
  [
    'an operator of a toleration',
    'u',
    l4({ tolerations: [{ key: 'kins', operator: 'Exists' }] }),
    ["tolerations[0].operator: given 'Exists'; allowed: only key, value, effect. There is no such prop."],
  ],
  [
    'a toleration without a list',
    'u',
    l4({ tolerations: { key: 'kins' } }),
    [`tolerations: given an object with key; allowed: ${LIST}`],
  ],
]);
