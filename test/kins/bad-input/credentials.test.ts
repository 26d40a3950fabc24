import { l4, PRIVATE_KEY, refuses, SUBDOMAIN, TOKEN } from './support';

refuses([
  [
    "a capital in the Secret's name",
    'u',
    l4({ tokenSecret: 'Tokens' }),
    [`tokenSecret: given 'Tokens'; allowed: ${SUBDOMAIN}`],
  ],
  [
    "a token in place of the Secret's name",
    'u',
    l4({ tokenSecret: TOKEN }),
    [`tokenSecret: given (secret material, not shown); allowed: ${SUBDOMAIN}`],
  ],
  [
    "a private key in place of the Secret's name",
    'u',
    l4({ tokenSecret: PRIVATE_KEY }),
    [`tokenSecret: given (secret material, not shown); allowed: ${SUBDOMAIN}`],
  ],
  [
    'a text for a switch',
    'u',
    l4({ credentialsInConfigMap: 'true' }),
    ["credentialsInConfigMap: given 'true'; allowed: true or false. Use a boolean."],
  ],
  [
    'a number for a switch',
    'u',
    l4({ secretsEncryption: 1 }),
    ['secretsEncryption: given 1; allowed: true or false. Use a boolean.'],
  ],
]);
