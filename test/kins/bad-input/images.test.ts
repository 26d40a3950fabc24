import { K3S_RELEASE, l4, LIST, ONLY_ONCE, refuses, TAKE_NAME } from './support';

const IMAGE =
  'an image reference: host/path:tag or host/path@sha256:digest. Write it like registry.example.com/rancher/k3s:v1.35.1-k3s1.';
const HTTPS =
  'an https URL without credentials. Serve the mirror over TLS: what is pulled from it runs with the rights of the edge cluster.';
const REGISTRY =
  'a registry as host or host:port, without https:// and without a path, in lower case. Write it like registry.example.com or 192.168.1.10:5000.';

const MADE_FOR = 'The pods of a unit are made for these releases';
const NOT_37 = 'it comes with another minor of etcd, and no unit has been upgraded to it yet';
const OWN_RISK = 'Take one of them, or set allowUnsupportedVersion if you have tried this one yourself.';
const BUSY = 'https://github.com/k3s-io/k3s/issues/13574';
const busy = (release: string): string =>
  `a release without known bugs: after a restart, servers of ${release} use a whole CPU core for nothing.`;

refuses([
  [
    'a K3s version as an image tag',
    'u',
    l4({ version: 'v1.35.1-k3s1' }),
    [`version: given 'v1.35.1-k3s1'; allowed: ${K3S_RELEASE} ${TAKE_NAME}`],
  ],
  [
    'a Kubernetes version',
    'u',
    l4({ version: '1.35.0' }),
    [`version: given '1.35.0'; allowed: ${K3S_RELEASE} ${TAKE_NAME}`],
  ],
  [
    'a K3s version too old',
    'u',
    l4({ version: 'v1.32.9+k3s1' }),
    [`version: given 'v1.32.9+k3s1'; allowed: ${K3S_RELEASE} ${MADE_FOR}. ${OWN_RISK}`],
  ],
  [
    'a K3s version too new',
    'u',
    l4({ version: 'v1.37.0+k3s1' }),
    [`version: given 'v1.37.0+k3s1'; allowed: ${K3S_RELEASE} ${MADE_FOR}; of v1.37: ${NOT_37}. ${OWN_RISK}`],
  ],
  [
    'a pre-release of K3s',
    'u',
    l4({ version: 'v1.35.0-rc1+k3s1' }),
    [`version: given 'v1.35.0-rc1+k3s1'; allowed: ${K3S_RELEASE} ${TAKE_NAME}`],
  ],
  ['a version as a number', 'u', l4({ version: 1.35 }), [`version: given 1.35; allowed: ${K3S_RELEASE} ${TAKE_NAME}`]],
  [
    'a release of K3s that is known to be broken',
    'u',
    l4({ version: 'v1.35.0+k3s3', image: 'registry.example.com/k3s:v1.33.7-k3s3' }),
    [
      `version: given 'v1.35.0+k3s3'; allowed: ${busy('v1.35.0+k3s3')} Use v1.35.1+k3s1 or later (${BUSY}).`,
      `image: given 'registry.example.com/k3s:v1.33.7-k3s3'; allowed: ${busy('v1.33.7+k3s3')} Use v1.33.8+k3s1 or later (${BUSY}).`,
    ],
  ],
  [
    'an image with a scheme',
    'u',
    l4({ image: 'https://registry.example.com/k3s:v1' }),
    [`image: given 'https://registry.example.com/k3s:v1'; allowed: ${IMAGE}`],
  ],
  [
    'an image with capitals in its path',
    'u',
    l4({ image: 'rancher/K3s:v1.35.1-k3s1' }),
    [`image: given 'rancher/K3s:v1.35.1-k3s1'; allowed: ${IMAGE}`],
  ],
  [
    'an image with a short digest',
    'u',
    l4({ image: 'rancher/k3s@sha256:abc' }),
    [`image: given 'rancher/k3s@sha256:abc'; allowed: ${IMAGE}`],
  ],
  [
    'a pause image with a space',
    'u',
    l4({ pauseImage: 'pause :3.6' }),
    [`pauseImage: given 'pause :3.6'; allowed: ${IMAGE}`],
  ],
  [
    'a pull Secret twice',
    'u',
    l4({ imagePullSecrets: ['pull', 'pull'] }),
    [`imagePullSecrets[1]: given 'pull'; ${ONLY_ONCE} imagePullSecrets[0]. Remove one of the two.`],
  ],
  [
    'one pull Secret without a list',
    'u',
    l4({ imagePullSecrets: 'pull' }),
    [`imagePullSecrets: given 'pull'; allowed: ${LIST}`],
  ],
  [
    'a mirror over http',
    'u',
    l4({ registryMirrors: { 'docker.io': ['http://mirror.example.com'] } }),
    [
      `registryMirrors.docker.io[0]: given 'http://mirror.example.com'; allowed: ${HTTPS} Where that is not possible, set registries: { 'mirror.example.com': { plainHttp: true } }.`,
    ],
  ],
  [
    'a mirror with credentials',
    'u',
    l4({ registryMirrors: { 'docker.io': ['https://user:hunter2@mirror.example.com'] } }),
    [`registryMirrors.docker.io[0]: given (a URL with credentials, not shown); allowed: ${HTTPS}`],
  ],
  [
    'a mirror with a query',
    'u',
    l4({ registryMirrors: { 'docker.io': ['https://mirror.example.com/v2?ns=docker.io'] } }),
    [`registryMirrors.docker.io[0]: given 'https://mirror.example.com/v2?ns=docker.io'; allowed: ${HTTPS}`],
  ],
  [
    'a mirror with a quote and a control character in its path',
    'u',
    l4({ registryMirrors: { 'docker.io': ['https://mirror.example.com/a"b', 'https://mirror.example.com/\u0001'] } }),
    [
      `registryMirrors.docker.io[0]: given 'https://mirror.example.com/a"b'; allowed: ${HTTPS}`,
      `registryMirrors.docker.io[1]: given 'https://mirror.example.com/\\u{1}'; allowed: ${HTTPS}`,
    ],
  ],
  [
    'a mirror twice, once with a slash at its end',
    'u',
    l4({ registryMirrors: { 'docker.io': ['https://m.example.com', 'https://m.example.com/'] } }),
    [
      `registryMirrors.docker.io[1]: given 'https://m.example.com/'; ${ONLY_ONCE} registryMirrors.docker.io[0]. Remove one of the two.`,
    ],
  ],
  [
    'no mirror for a registry',
    'u',
    l4({ registryMirrors: { 'docker.io': [] } }),
    ['registryMirrors.docker.io: given []; allowed: a list of at least 1. Give a list of this length.'],
  ],
  [
    'a mirror twice',
    'u',
    l4({ registryMirrors: { 'docker.io': ['https://m.example.com', 'https://m.example.com'] } }),
    [
      `registryMirrors.docker.io[1]: given 'https://m.example.com'; ${ONLY_ONCE} registryMirrors.docker.io[0]. Remove one of the two.`,
    ],
  ],
  [
    'a registry with a scheme',
    'u',
    l4({ registryMirrors: { 'https://docker.io': ['https://m.example.com'] } }),
    [`registryMirrors key: given 'https://docker.io'; allowed: ${REGISTRY}`],
  ],
  [
    'a default registry with a path',
    'u',
    l4({ systemDefaultRegistry: 'registry.example.com/k3s' }),
    [`systemDefaultRegistry: given 'registry.example.com/k3s'; allowed: ${REGISTRY}`],
  ],
]);
