import { LABEL, type Messages } from './common';

const SEED_PROPS = 'name, namespace, country, kubeconfig, location, exposeStrategy, seedDnsOverwrite, proxySettings';
const WHOLE =
  'only together with kubeconfig. It belongs to the whole Seed, which somebody else owns: give kubeconfig to own it here, or leave it out.';

export const BAD_SEEDS: Messages = {
  'props that are a text': [
    "Seed 'chart/seed' has 1 problem:",
    `  - props: given 'kubermatic'; allowed: an object with ${SEED_PROPS}. Give an object literal.`,
  ],
  'props that are null': [
    "Seed 'chart/seed' has 1 problem:",
    `  - props: given null; allowed: an object with ${SEED_PROPS}. Give an object literal.`,
  ],
  'a misspelt prop': [
    "Seed 'chart/seed' has 1 problem:",
    `  - contry: given 'US'; allowed: only ${SEED_PROPS}. There is no such prop. Did you mean country?`,
  ],
  'an empty name': ["Seed 'chart/seed' has 1 problem:", `  - name: given ''; allowed: ${LABEL}. Rename it.`],
  'a name in capitals': [
    "Seed 'chart/seed' has 1 problem:",
    `  - name: given 'Kubermatic'; allowed: ${LABEL}. Rename it.`,
  ],
  'a namespace with a dot': [
    "Seed 'chart/seed' has 1 problem:",
    `  - namespace: given 'kkp.master'; allowed: ${LABEL}. Rename it.`,
  ],
  'a country in small letters': [
    "Seed 'chart/seed' has 1 problem:",
    "  - country: given 'us'; allowed: an ISO 3166-1 alpha-2 country code in capitals. Write it like DE or US.",
  ],
  'a country of three letters': [
    "Seed 'chart/seed' has 1 problem:",
    "  - country: given 'USA'; allowed: an ISO 3166-1 alpha-2 country code in capitals. Write it like DE or US.",
  ],
  'the United Kingdom under another code': [
    "Seed 'chart/seed' has 1 problem:",
    "  - country: given 'UK'; allowed: an ISO 3166-1 alpha-2 country code in capitals. The code of the United Kingdom is GB.",
  ],
  'a country that does not exist': [
    "Seed 'chart/seed' has 1 problem:",
    "  - country: given 'QX'; allowed: an ISO 3166-1 alpha-2 country code in capitals. There is no such country code.",
  ],
  'a country as its number': [
    "Seed 'chart/seed' has 1 problem:",
    '  - country: given 840; allowed: an ISO 3166-1 alpha-2 country code in capitals. Write it like DE or US.',
  ],
  'a kubeconfig as a text': [
    "Seed 'chart/seed' has 1 problem:",
    "  - kubeconfig: given 'kubeconfig-kubermatic'; allowed: an object with name, namespace, fieldPath. Give an object literal.",
  ],
  'a kubeconfig itself': [
    "Seed 'chart/seed' has 1 problem:",
    '  - kubeconfig.token: given (not shown); allowed: only name, namespace, fieldPath. There is no such prop.',
  ],
  'a kubeconfig without a name': [
    "Seed 'chart/seed' has 1 problem:",
    '  - kubeconfig.name: given nothing; allowed: the name of a Secret. Give its name as a string.',
  ],
  'a location for a partial Seed': [
    "Seed 'chart/seed' has 1 problem:",
    `  - location: given 'Hamburg'; allowed: ${WHOLE}`,
  ],
  'an expose strategy for a partial Seed': [
    "Seed 'chart/seed' has 1 problem:",
    `  - exposeStrategy: given 'Tunneling'; allowed: ${WHOLE}`,
  ],
  'a DNS name and a proxy for a partial Seed': [
    "Seed 'chart/seed' has 2 problems:",
    `  - seedDnsOverwrite: given 'hh'; allowed: ${WHOLE}`,
    `  - proxySettings: given {}; allowed: ${WHOLE}`,
  ],
  'an unknown expose strategy': [
    "Seed 'chart/seed' has 1 problem:",
    "  - exposeStrategy: given 'tunneling'; allowed: 'NodePort', 'LoadBalancer', 'Tunneling'. Use a member of ExposeStrategy.",
  ],
  'the same Seed twice': [
    "Seed 'other/again' has 1 problem:",
    "  - name: given 'kubermatic/kubermatic'; allowed: a name that no other Seed of its cluster has; 'chart/seed' has this one. Declare all its datacenters for that one, because the second to be applied would remove those of the first, or use setCluster to say that they are for different clusters.",
  ],
  'a Seed in a chart for the seed cluster': [
    "Seed 'chart/seed' has 1 problem:",
    "  - scope: given 'chart 'chart''; allowed: a chart for the kkp-master; this one holds EdgeCluster 'chart/shop', which is for the kkp-seed. Declare it in another chart: the two are applied to different clusters.",
  ],
};
