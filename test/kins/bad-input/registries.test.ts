import { CA } from '../ca';
import { l4, PRIVATE_KEY, refuses, SUBDOMAIN } from './support';

const REGISTRY =
  'a registry as host or host:port, without https:// and without a path, in lower case. Write it like registry.example.com or 192.168.1.10:5000.';
const KEY =
  'a key of a Secret: letters, digits, dashes, underscores and dots. Write it as it is in the Secret; the value itself stays there.';
const HTTPS =
  'an https URL without credentials. Serve the mirror over TLS: what is pulled from it runs with the rights of the edge cluster.';
const CERTIFICATES =
  'certificates as PEM, without a private key. Give the content of the CA file: -----BEGIN CERTIFICATE----- and so on.';
const EXPRESSION =
  'a Go regular expression for the name of an image. Write it like ^rancher/(.*), without look-around and back-references.';
const mirrors = (mirror: unknown, registries?: object): object =>
  l4({ registryMirrors: { 'docker.io': mirror }, registries });
const registry = (own: unknown): object => l4({ registries: { 'r.example.com': own } });

refuses([
  [
    'mirrors of no registry',
    'u',
    l4({ registryMirrors: ['https://m.example.com'] }),
    [
      "registryMirrors: given a list of 1; allowed: a map of registries, each with its mirrors. Name the registry: registryMirrors: { 'docker.io': ['https://mirror.example.com'] }.",
    ],
  ],
  [
    'a registry with a path',
    'u',
    l4({ registries: { 'r.example.com/x': {}, '*': {}, '[fd00::1]:5000': {} } }),
    [
      `registries key: given 'r.example.com/x'; allowed: ${REGISTRY}`,
      `registries key: given '*'; allowed: ${REGISTRY}`,
      "registries key: given '[fd00::1]:5000'; allowed: a name or an IPv4 address, as the networks of the edge cluster are IPv4. Give the registry a name.",
    ],
  ],
  [
    'a password in the place of a reference',
    'u',
    registry({ auth: { username: 'u', password: 'hunter2' } }),
    [
      `registries.r.example.com.auth.secretName: given nothing; allowed: ${SUBDOMAIN}`,
      "registries.r.example.com.auth.username: given 'u'; allowed: only secretName, usernameKey, passwordKey, identityTokenKey. There is no such prop.",
      'registries.r.example.com.auth.password: given (not shown); allowed: only secretName, usernameKey, passwordKey, identityTokenKey. There is no such prop.',
    ],
  ],
  [
    'a key that no Secret can have',
    'u',
    registry({ auth: { secretName: 'r', passwordKey: 'pass word' }, caSecret: { secretName: 'r', key: '..x' } }),
    [
      `registries.r.example.com.auth.passwordKey: given 'pass word'; allowed: ${KEY}`,
      `registries.r.example.com.caSecret.key: given '..x'; allowed: ${KEY}`,
    ],
  ],
  [
    'a key that is a number, or too long',
    'u',
    registry({ auth: { secretName: 'r', usernameKey: 7, passwordKey: 'k'.repeat(254) } }),
    [
      `registries.r.example.com.auth.usernameKey: given 7; allowed: ${KEY}`,
      expect.stringMatching(
        /^registries\.r\.example\.com\.auth\.passwordKey: given 'k+\.\.\. \(254 characters\)'; allowed: a key/,
      ),
    ],
  ],
  [
    'a CA that is no text',
    'u',
    registry({ ca: 7 }),
    [`registries.r.example.com.ca: given 7; allowed: ${CERTIFICATES}`],
  ],
  [
    'something else beside a certificate',
    'u',
    registry({ ca: `${CA}-----BEGIN X509 CRL-----\nMIIB\n-----END X509 CRL-----\n` }),
    [`registries.r.example.com.ca: given (secret material, not shown); allowed: ${CERTIFICATES}`],
  ],
  [
    'a password beside a token',
    'u',
    registry({ auth: { secretName: 'r', passwordKey: 'p', identityTokenKey: 't' } }),
    [
      "registries.r.example.com.auth.passwordKey: given 'p'; allowed: nothing when identityTokenKey is given. Remove one of the two.",
    ],
  ],
  [
    'a private key as a CA',
    'u',
    registry({ ca: `${CA}${PRIVATE_KEY}` }),
    [`registries.r.example.com.ca: given (secret material, not shown); allowed: ${CERTIFICATES}`],
  ],
  [
    "a CA's file in the place of what is in it",
    'u',
    registry({ ca: '/etc/ssl/ca.crt' }),
    [`registries.r.example.com.ca: given '/etc/ssl/ca.crt'; allowed: ${CERTIFICATES}`],
  ],
  [
    'a certificate that is cut off',
    'u',
    registry({ ca: CA.replace(/\n.*\n-----END/, '\n-----END') }),
    [`registries.r.example.com.ca: given (secret material, not shown); allowed: ${CERTIFICATES}`],
  ],
  [
    'a CA twice, and what would be readable, or mean nothing, without TLS',
    'u',
    l4({
      registries: {
        'a.example.com': { ca: CA, caSecret: { secretName: 'a' } },
        'c.example.com': {
          auth: { secretName: 'c' },
          caSecret: { secretName: 'c' },
          clientCertificate: { secretName: 'c' },
          plainHttp: true,
        },
      },
    }),
    [
      'registries.a.example.com.caSecret: given an object with secretName; allowed: nothing when ca is given. Remove one of the two.',
      'registries.c.example.com.auth: given an object with secretName; allowed: nothing when plainHttp is true. Anyone on the network path could read it: serve the registry over TLS.',
      'registries.c.example.com.caSecret: given an object with secretName; allowed: nothing when plainHttp is true. Remove one of the two.',
      'registries.c.example.com.clientCertificate: given an object with secretName; allowed: nothing when plainHttp is true. Remove one of the two.',
    ],
  ],
  [
    'certificates that are not verified, by the word that K3s has for it',
    'u',
    registry({ insecureSkipVerify: true }),
    [
      'registries.r.example.com.insecureSkipVerify: given true; allowed: only auth, ca, caSecret, clientCertificate, plainHttp. There is no such prop.',
    ],
  ],
  [
    'a mirror over http that nobody has allowed by name',
    'u',
    mirrors(['http://m.example.com:5000'], { 'm.example.com': { plainHttp: true } }),
    [
      `registryMirrors.docker.io[0]: given 'http://m.example.com:5000'; allowed: ${HTTPS} Where that is not possible, set registries: { 'm.example.com:5000': { plainHttp: true } }.`,
    ],
  ],
  [
    'a mirror over https of which it is said that it talks http',
    'u',
    mirrors(['https://m.example.com'], { 'm.example.com': { plainHttp: true } }),
    [
      "registryMirrors.docker.io[0]: given 'https://m.example.com'; allowed: an http URL, since registries['m.example.com'] has plainHttp. Make the two agree.",
    ],
  ],
  [
    'what Go does not know as a regular expression, and what no image is called',
    'u',
    mirrors({
      endpoints: ['https://m.example.com'],
      rewrites: { '(?!a)b': 'c', '(?<=a)b': 'c', '(a)\\1': 'c', '(a': 'c', b: 'C:latest' },
    }),
    [
      `registryMirrors.docker.io.rewrites key: given '(?!a)b'; allowed: ${EXPRESSION}`,
      `registryMirrors.docker.io.rewrites key: given '(?<=a)b'; allowed: ${EXPRESSION}`,
      `registryMirrors.docker.io.rewrites key: given '(a)\\1'; allowed: ${EXPRESSION}`,
      `registryMirrors.docker.io.rewrites key: given '(a'; allowed: ${EXPRESSION}`,
      "registryMirrors.docker.io.rewrites.b: given 'C:latest'; allowed: the name of an image, with $1 for the first group of the expression. Write it like mirrors/rancher/$1, without registry and tag.",
    ],
  ],
  [
    'rewrites without a mirror',
    'u',
    mirrors({ rewrites: { a: 'b' } }),
    ['registryMirrors.docker.io.endpoints: given nothing; allowed: a list. Put the value in [ ].'],
  ],
]);
