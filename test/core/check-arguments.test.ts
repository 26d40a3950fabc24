import { App, Chart, YamlOutputType } from 'cdk8s';
import {
  appliedLevel,
  clusterLevelOf,
  decommissioningScript,
  deviceInput,
  FleetApp,
  kustomizationFiles,
  provisioningInput,
  provisioningSupervisor,
  setCluster,
  writeKustomizations,
} from '../../lib';
import { problemLines } from '../support/refusals';

const CHART = "a cdk8s Chart. Pass what 'new Chart' returned.";
const secrets = { script: 'hunter2', ca: 'PEM' };

/** Everything that the package exports as a function, and what JavaScript callers may give it. */
const ROWS: readonly (readonly [what: string, call: () => unknown, lines: readonly string[]])[] = [
  [
    'clusterLevelOf',
    () => clusterLevelOf(new App() as never),
    [`chart: given an object of class App; allowed: ${CHART}`],
  ],
  ['kustomizationFiles', () => kustomizationFiles(undefined as never), [`chart: given nothing; allowed: ${CHART}`]],
  [
    'writeKustomizations',
    () => {
      writeKustomizations(new Chart(new App(), 'c') as never);
    },
    ["app: given an object of class Chart; allowed: a cdk8s App. Pass what 'new App' returned."],
  ],
  [
    'setCluster',
    () => {
      setCluster('chart' as never, { name: 'dev' });
    },
    ["scope: given 'chart'; allowed: a construct, for instance a Chart. Pass the construct itself."],
  ],
  [
    'appliedLevel',
    () => appliedLevel(undefined as never, 'Shop'),
    [
      'manifests: given nothing; allowed: a string: YAML, empty if nothing has been applied yet. Pass the string itself.',
      "unitName: given 'Shop'; allowed: lower-case letters a-z, digits and hyphens, starting with a letter, ending with a letter or digit (a DNS-1035 label). Rename it.",
    ],
  ],
  [
    'provisioningSupervisor',
    () => provisioningSupervisor(null as never),
    ['props: given null; allowed: an object with name, operatingSystem, '],
  ],
  [
    'decommissioningScript',
    () => decommissioningScript({ nam: 'edge1' } as never),
    ['name: given nothing; ', 'nam: given'],
  ],
  [
    'provisioningInput',
    () => provisioningInput('', { script: '', cA: 'hunter2' } as never),
    [
      "supervisor: given ''; allowed: a string: what provisioningSupervisor returns. Pass the string itself.",
      "secrets.script: given ''; allowed: a string: the value of the script Secret's key. Pass the string itself.",
      'secrets.ca: given nothing; allowed: a string: CA certificates in PEM. Pass the string itself.',
      'secrets.cA: given (not shown); allowed: only script, ca. There is no such prop. Did you mean ca?',
    ],
  ],
  [
    'provisioningInput, given the script where both secrets go',
    () => provisioningInput('x', 'hunter2' as never),
    ['secrets: given (not shown); allowed: an object with script, ca. Give an object literal.'],
  ],
  [
    'deviceInput',
    () => deviceInput({ name: 'edge1' }, { ...secrets, script: Buffer.from('hunter2') } as never),
    [
      "secrets.script: given (not shown); allowed: a string: the value of the script Secret's key. Pass the string itself.",
    ],
  ],
  [
    'FleetApp',
    () =>
      new FleetApp({
        outDir: 'dist',
        outdir: '',
        outputFileExtension: 'yaml/',
        yamlOutputType: 'FILE_PER_CHART',
        resolvers: [{}],
        recordConstructMetadata: 'yes',
        clusterFolders: 1,
      } as never),
    [
      "outdir: given ''; allowed: a string of 1 to 4096 characters on one line, without leading or trailing spaces. ",
      "outputFileExtension: given 'yaml/'; allowed: a string that starts with a dot and has no slash. Write it like .k8s.yaml.",
      "yamlOutputType: given 'FILE_PER_CHART'; allowed: a member of YamlOutputType. Write it like YamlOutputType.FILE_PER_CHART.",
      "recordConstructMetadata: given 'yes'; allowed: true or false. Use a boolean.",
      'resolvers[0]: given {}; allowed: an object with a resolve function. Pass IResolvers from cdk8s.',
      'clusterFolders: given 1; allowed: true or false. Use a boolean.',
      "outDir: given 'dist'; allowed: only ",
    ],
  ],
  [
    'FleetApp without an object',
    () => new FleetApp(null as never),
    ['props: given null; allowed: an object with outdir, '],
  ],
];

test.each(ROWS)('%s refuses what it cannot work with, in one error, and tells no secret', (_, call, lines) => {
  const found = problemLines(call);
  expect(found).toEqual(lines.map((line) => expect.stringContaining(line) as unknown));
  expect(found.join('\n')).not.toContain('hunter2');
});

test('an error about something that is in no tree begins with what it is', () => {
  expect(() => new FleetApp({ nam: 'x' } as never)).toThrow(
    /^FleetApp has 1 problem:\n {2}- nam: given 'x'; allowed: only /,
  );
  expect(() => appliedLevel('', '-')).toThrow(/^appliedLevel has 1 problem:\n/);
});

test('what is right is taken', () => {
  const chart = new Chart(new App(), 'site');
  expect([clusterLevelOf(chart), appliedLevel('', 'shop'), kustomizationFiles(chart).length]).toEqual([
    undefined,
    undefined,
    1,
  ]);
  expect(provisioningInput('# supervisor\n', secrets)).toContain('\nend\nedge_provision\n');
  expect(
    new FleetApp({ outputFileExtension: '.yaml', resolvers: [], yamlOutputType: YamlOutputType.FILE_PER_APP })
      .outputFileExtension,
  ).toBe('.yaml');
});
