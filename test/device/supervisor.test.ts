import { App, Chart } from 'cdk8s';
import {
  EdgeMachine,
  OperatingSystem,
  provisioningInput,
  provisioningSupervisor,
  type SupervisorProps,
} from '../../lib';
import { ED25519 } from '../kkp/ssh-keys';

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

test.each<[string, SupervisorProps, string]>([
  [
    'a name that ends a quotation',
    { name: "x'; reboot; '" },
    "Supervisor of device '(unnamed)' has 1 problem:\n  - name: given 'x'; reboot; ''; allowed: lower-case letters a-z, digits and hyphens, with a letter or digit at both ends (a DNS label). Rename it.",
  ],
  [
    'a proxy with a password',
    { name: 'edge1', httpProxy: 'http://me:s3cret@proxy:3128' },
    "Supervisor of device 'edge1' has 1 problem:\n  - httpProxy: given (a URL with credentials, not shown); allowed: http://host:port or https://host:port, without credentials and without a path. They would be readable wherever the URL is written: let the proxy admit the nodes by address instead.",
  ],
  [
    'several wrong options',
    { name: 'edge1', httpProxy: 'proxy:3128', readyTimeout: 0, rebuild: 'a b' },
    `Supervisor of device 'edge1' has 3 problems:
  - httpProxy: given 'proxy:3128'; allowed: http://host:port or https://host:port, without credentials and without a path. Write it like http://proxy.example.com:3128.
  - readyTimeout: given 0; allowed: a whole number from 1 to 86400 seconds. Give a number in this range.
  - rebuild: given 'a b'; allowed: letters, digits, dots, colons, hyphens and underscores. Give a date or ticket.`,
  ],
])('%s is refused', (_, props, message) => {
  expect(() => provisioningSupervisor(props)).toThrow(new Error(message));
});
