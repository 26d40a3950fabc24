import { App, Chart } from 'cdk8s';
import {
  decommissioningScript,
  EdgeMachine,
  OperatingSystem,
  provisioningInput,
  provisioningSupervisor,
  type SupervisorProps,
} from '../../lib';
import { ED25519 } from '../kkp/ssh-keys';
import { problemLines } from '../support/refusals';

const machine = (): EdgeMachine =>
  new EdgeMachine(new Chart(new App(), 'c'), 'edge1', {
    operatingSystem: OperatingSystem.UBUNTU_22_04,
    kubeletVersion: '1.33.4',
    sshPublicKeys: [ED25519],
  });

test('an EdgeMachine gives the program for its own device, the same every time', () => {
  const text = machine().provisioningSupervisor();
  expect(text).toContain("EDGE_NAME='edge1'\nEDGE_OS_VERSION='22.04'\n");
  expect(machine().provisioningSupervisor()).toBe(text);
  expect(machine().decommissioningScript()).toContain("EDGE_NAME='edge1'\n");
});

test('the secrets come after the program, encoded, and its last line starts it', () => {
  const input = provisioningInput(provisioningSupervisor({ name: 'edge1' }), { script: "a 'b'\n", ca: 'c' });
  expect(input).toMatch(/edge_receive <<'end'\nscript YSAnYicK\nca Yw==\nend\nedge_provision\n$/);
});

test('what is not given has the value that the documentation tells', () => {
  expect(provisioningSupervisor({ name: 'edge1' })).toContain(`
set -u
EDGE_NAME='edge1'
EDGE_OS_VERSION=''
EDGE_PROXY=''
EDGE_NO_PROXY=''
EDGE_PACKAGE_URLS='https://download.docker.com
https://github.com
https://dl.k8s.io'
EDGE_MIN_DISK_MIB='5120'
EDGE_MIN_MEMORY_MIB='900'
EDGE_MAX_CLOCK_SKEW='60'
EDGE_LOCK_SECONDS='3600'
EDGE_SCRIPT_SECONDS='1800'
EDGE_READY_SECONDS='900'
EDGE_REPEAT_SECONDS='300'
EDGE_REBUILD=''
`);
  expect(decommissioningScript({ name: 'edge1' })).toContain(
    "\nset -u\nEDGE_NAME='edge1'\nEDGE_LOCK_SECONDS='3600'\nEDGE_DRAIN_SECONDS='600'\n",
  );
});

test('what is given is what the program goes by', () => {
  const given: SupervisorProps = {
    name: 'edge1',
    operatingSystem: OperatingSystem.UBUNTU_20_04,
    httpProxy: 'http://proxy:3128',
    noProxy: ['api.example.com', '10.0.0.0/8'],
    packageUrls: ['https://mirror.example.com/docker', 'http://mirror.example.com:8080'],
    minFreeDisk: '1Mi',
    minMemory: '2Mi',
    maxClockSkew: '3s',
    lockTimeout: '4s',
    scriptTimeout: '5s',
    readyTimeout: '6s',
    repeatTimeout: '7s',
    rebuild: '2026-11-27',
  };
  expect(provisioningSupervisor(given)).toContain(`
EDGE_NAME='edge1'
EDGE_OS_VERSION='20.04'
EDGE_PROXY='http://proxy:3128'
EDGE_NO_PROXY='api.example.com,10.0.0.0/8'
EDGE_PACKAGE_URLS='https://mirror.example.com/docker
http://mirror.example.com:8080'
EDGE_MIN_DISK_MIB='1'
EDGE_MIN_MEMORY_MIB='2'
EDGE_MAX_CLOCK_SKEW='3'
EDGE_LOCK_SECONDS='4'
EDGE_SCRIPT_SECONDS='5'
EDGE_READY_SECONDS='6'
EDGE_REPEAT_SECONDS='7'
EDGE_REBUILD='2026-11-27'
`);
  expect(decommissioningScript({ name: 'edge1', lockTimeout: '8s', drainTimeout: '9s' })).toContain(
    "EDGE_LOCK_SECONDS='8'\nEDGE_DRAIN_SECONDS='9'\n",
  );
});

const OPTION = "Supervisor of device 'edge1' has 1 problem:\n  - ";
const HIDDEN = 'given (a URL with credentials, not shown)';
const A_PROXY = 'allowed: http://host:port or https://host:port, without credentials and without a path';
const EXAMPLE = 'Write it like http://proxy.example.com:3128.';
const READABLE =
  'They would be readable wherever the URL is written: let the proxy authorize the nodes by address instead.';

test.each<[string, SupervisorProps, string]>([
  [
    'a proxy with a user',
    { name: 'edge1', httpProxy: 'http://me@proxy:3128' },
    `${OPTION}httpProxy: ${HIDDEN}; ${A_PROXY}. ${READABLE}`,
  ],
  [
    'a source with a password alone',
    { name: 'edge1', packageUrls: ['https://example.com', 'https://:s3cret@example.com'] },
    `${OPTION}packageUrls[1]: ${HIDDEN}; allowed: an http:// or https:// URL without user and password. The text of the supervisor is not secret: let the mirror admit the devices by their addresses.`,
  ],
  [
    'a proxy with a password, without http://',
    { name: 'edge1', httpProxy: 'me:s3cret@proxy:3128' },
    `${OPTION}httpProxy: ${HIDDEN}; ${A_PROXY}. ${EXAMPLE}`,
  ],
  [
    'a password with a blank',
    { name: 'edge1', httpProxy: 'http://me:s3 cret@proxy:3128' },
    `${OPTION}httpProxy: ${HIDDEN}; ${A_PROXY}. ${READABLE}`,
  ],
  [
    'an address that ends a quotation',
    { name: 'edge1', httpProxy: "http://proxy:3128/'; reboot; '" },
    `${OPTION}httpProxy: given 'http://proxy:3128/'; reboot; ''; ${A_PROXY}. ${EXAMPLE}`,
  ],
  [
    'a URL of another kind',
    { name: 'edge1', httpProxy: 'socks5://proxy:1080' },
    `${OPTION}httpProxy: given 'socks5://proxy:1080'; ${A_PROXY}. ${EXAMPLE}`,
  ],
  [
    'a name that ends a quotation',
    { name: "x'; reboot; '" },
    "Supervisor of device '(unnamed)' has 1 problem:\n  - name: given 'x'; reboot; ''; allowed: lower-case letters a-z, digits and hyphens, with a letter or digit at both ends (a DNS label). Rename it.",
  ],
  [
    'a proxy with a password',
    { name: 'edge1', httpProxy: 'http://me:s3cret@proxy:3128' },
    "Supervisor of device 'edge1' has 1 problem:\n  - httpProxy: given (a URL with credentials, not shown); allowed: http://host:port or https://host:port, without credentials and without a path. They would be readable wherever the URL is written: let the proxy authorize the nodes by address instead.",
  ],
  [
    'several wrong options',
    { name: 'edge1', httpProxy: 'proxy:3128', readyTimeout: '0s', rebuild: 'a b' },
    `Supervisor of device 'edge1' has 3 problems:
  - httpProxy: given 'proxy:3128'; allowed: http://host:port or https://host:port, without credentials and without a path. Write it like http://proxy.example.com:3128.
  - readyTimeout: given '0s'; allowed: a duration from 1s to 24h. Write it as Kubernetes does, like 90s, 10m or 1h30m.
  - rebuild: given 'a b'; allowed: letters, digits, dots, colons, hyphens and underscores. Give a date or ticket.`,
  ],
])('%s is refused', (_, props, message) => {
  expect(() => provisioningSupervisor(props)).toThrow(new Error(message));
});

test.each([
  ['nothing', undefined],
  ['null', null],
  ['a name alone', 'edge1'],
])('%s in place of the props is refused like all that is wrong', (_, props) => {
  expect(() => provisioningSupervisor(props as unknown as SupervisorProps)).toThrow(
    /^Supervisor of device '\(unnamed\)' has 1 problem:\n {2}- /,
  );
});

test.each([
  ['null', null, 'props: given null; allowed: an object with httpProxy, '],
  ['a text', 'x', "props: given 'x'; allowed: an object with httpProxy, "],
  ['another name', { name: 'edge2' }, "name: given 'edge2'; allowed: only httpProxy, "],
])('%s in place of the options of a machine is refused, and not taken for none', (_, options, told) => {
  expect(() => machine().provisioningSupervisor(options as never)).toThrow(
    `Supervisor of device 'edge1' has 1 problem:\n  - ${told}`,
  );
});

test.each(['minFreeDisk', 'minMemory'])(
  '%s is what the shell of a device can count, and not bytes by mistake',
  (field) => {
    const line = (value: string): string | undefined =>
      problemLines(() => provisioningSupervisor({ name: 'edge1', [field]: value }))[0];
    // 5120 was MiB in versions before.
    for (const value of ['5120', '1023Ki', '1025Ti', '1e30']) {
      expect(line(value)).toContain(`${field}: given '${value}'; allowed: a number of bytes from 1Mi to 1Pi`);
    }
    expect(['1Mi', '900M', '5Gi', '1Pi'].map(line)).toEqual([undefined, undefined, undefined, undefined]);
  },
);
