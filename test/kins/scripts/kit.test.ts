import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SCRIPTS } from './support/scripts-folder';
import { inEachShell, interruptedAnywhere, World, type Run } from './support/world';

/** A part of the unit as far as it keeps what its pod was given. */
writeFileSync(
  join(SCRIPTS, 'settle-kit.sh'),
  `set -eu
scripts=$KINS_SCRIPTS
. "$scripts/kit.sh"
say() { echo "said: $*"; }
settle_kit "$KINS_LIB/standby/cri"
`,
);

const FOLDER = 'lib/standby/cri';
const OLD = '0123456789abcdef';
const TRICKY = ` it's "a" \\ $HOME \`id\` $(id)\n\n# no comment * `;

let world: World;
beforeEach(() => {
  world = new World();
  prepare(world);
});
afterEach(() => {
  world.dispose();
});

/** What a pod has been given: a volume with a link among its files, as kubelets make them, and one that is not there. */
function prepare(machine: World): void {
  machine.folder(FOLDER);
  machine.write('config/agent.yaml', 'debug: true\n');
  machine.write('config/empty', '');
  machine.folder('config/..2026');
  machine.write('secrets/agent-token', 'hunter2');
  for (const name of ['kit.sh', 'enter.sh', 'disk.sh'])
    machine.write(`scripts/${name}`, readFileSync(join(SCRIPTS, name)));
  machine.write('scripts/show.sh', SHOW);
}

const SHOW = `for value in "$TRICKY" "$NODE_IP" "\${OWN_URL-none}" "$KINS_CONFIG" "$KINS_SCRIPTS" "$KINS_STATE" "$KINS_SECRETS" \\
  "$KINS_RELEASE" "$STANDBY" "$NODE_NAME"; do printf '<%s>\\n' "$value"; done
`;

const env = (machine: World, more: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> => ({
  KINS_LIB: machine.at('lib'),
  KINS_CONFIG: machine.at('config'),
  KINS_SCRIPTS: machine.at('scripts'),
  KINS_STATE: machine.at('state'),
  KINS_SECRETS: machine.at('secrets'),
  BOOT_WHILE_DARK: 'yes',
  NODE_NAME: 'edge2',
  NODE_IP: '192.0.2.20',
  OWN_URL: 'https://192.0.2.20:26443',
  TRICKY,
  ...more,
});

/** What an earlier pod has left. */
function withOldKit(machine: World): void {
  machine.write(`${FOLDER}/${OLD}/environment`, "export OLD='yes'\n");
  for (const part of ['config', 'scripts', 'state', 'secrets']) machine.write(`${FOLDER}/${OLD}/${part}/old`, part);
  machine.write(`${FOLDER}/current`, `${OLD}\n`);
}

const names = (machine = world): string[] =>
  Object.keys(machine.tree(FOLDER)).filter((path) => !path.includes('/') && path !== 'current');
const current = (machine = world): string => machine.read(`${FOLDER}/current`).trim();

/** The kit that is current, but for the environment. */
function kit(machine = world): Record<string, string | null> {
  const { environment, ...files } = machine.tree(`${FOLDER}/${current(machine)}`);
  expect(environment).toMatch(/^export \w+='[^]*'\n$/);
  return files;
}

const GIVEN = {
  config: null,
  'config/agent.yaml': 'debug: true\n',
  'config/empty': '',
  scripts: null,
  'scripts/disk.sh': readFileSync(join(SCRIPTS, 'disk.sh'), 'utf8'),
  'scripts/enter.sh': readFileSync(join(SCRIPTS, 'enter.sh'), 'utf8'),
  'scripts/kit.sh': readFileSync(join(SCRIPTS, 'kit.sh'), 'utf8'),
  'scripts/show.sh': SHOW,
  secrets: null,
  'secrets/agent-token': 'hunter2',
  state: null,
};
const GIVEN_BEFORE = Object.fromEntries(
  ['config', 'scripts', 'secrets', 'state'].flatMap((part) => [
    [part, null],
    [`${part}/old`, part],
  ]),
);

inEachShell((shell) => {
  const settle = (more: Readonly<Record<string, string>> = {}): Promise<Run> =>
    world.run(shell, 'settle-kit.sh', { env: env(world, more) });

  test('all that a pod was given is kept, and nobody else can read it', async () => {
    expect(await settle()).toMatchObject({ code: 0, output: '' });
    expect(kit()).toEqual(GIVEN);
    expect(names()).toEqual([current()]);
    for (const [path, text] of Object.entries(world.tree(`${FOLDER}/${current()}`)))
      expect([path, world.mode(`${FOLDER}/${current()}/${path}`)]).toEqual([path, text === null ? '700' : '600']);
    expect(world.mode(`${FOLDER}/${current()}`)).toBe('700');
  });

  test('what is there already is not written again', async () => {
    await settle();
    const found = (): unknown =>
      ['current', current(), `${current()}/secrets/agent-token`].map((path) => {
        const { ino, mtimeMs } = statSync(world.at(`${FOLDER}/${path}`));
        return { path, ino, mtimeMs };
      });
    const before = found();
    world.write('log', '');
    await settle();
    expect(found()).toEqual(before);
    expect(world.log()).toEqual([]);
    expect(names()).toEqual([current()]);
  });

  test('of what was given before, nothing stays', async () => {
    withOldKit(world);
    await settle();
    const before = current();
    world.write('secrets/agent-token', 'hunter3');
    world.remove('config/empty');
    await settle();
    const { 'config/empty': gone, ...files } = { ...GIVEN, 'secrets/agent-token': 'hunter3' };
    expect([gone, kit()]).toEqual(['', files]);
    expect(names()).toEqual([current()]);
    expect(current()).not.toBe(before);
  });

  test.each([
    ['after another', withOldKit],
    ['for the first time', () => undefined],
  ])('written %s, it is whole or not there, whenever the power is cut', async (_, before) => {
    const { calm, cuts } = await interruptedAnywhere(shell, {
      script: 'settle-kit.sh',
      prepare: (machine) => {
        prepare(machine);
        before(machine);
      },
      env,
      restart: (machine) => {
        const isThere = machine.has(`${FOLDER}/current`);
        expect(isThere || before !== withOldKit).toBe(true);
        if (isThere) expect(kit(machine)).toEqual(current(machine) === OLD ? GIVEN_BEFORE : GIVEN);
      },
      outcome: (machine) => ({ kit: kit(machine), others: names(machine).filter((name) => name !== current(machine)) }),
    });
    expect(calm).toEqual({ kit: GIVEN, others: [] });
    expect(cuts).toBeGreaterThan(0);
  });

  test('one that was cut short while it was removed is not taken for whole, when the pod is given the same again', async () => {
    // Files are removed first, then the folders.
    world.write(
      'prelude',
      `${world.read('prelude')}find() {
  read -r n <"$WORLD/finds"; echo $((n - 1)) >"$WORLD/finds"
  [ "$n" -ne 1 ] || { : >"$WORLD/cut"; command kill -9 0; }
  command find "$@"
}
`,
    );
    let cuts = 0;
    for (let wasCut = true; wasCut; cuts += 1) {
      world.write('finds', '0\n');
      await settle();
      world.write('finds', `${cuts + 1}\n`);
      ({ wasCut } = await settle({ NODE_NAME: 'edge3' }));
      world.write('finds', '0\n');
      await settle();
      expect([cuts, kit()]).toEqual([cuts, GIVEN]);
    }
    expect(cuts).toBeGreaterThan(2);
  });

  test.each(['no', ''])('where nodes do not start the unit (%j) nothing of it is left', async (answer) => {
    await settle();
    for (const left of ['.new', '.old']) world.write(`${FOLDER}/${left}/secrets/agent-token`, 'hunter2');
    expect(await settle({ BOOT_WHILE_DARK: answer })).toMatchObject({ code: 0, output: '' });
    expect(world.tree(FOLDER)).toEqual({});
  });

  test('what is named is there, also when the power is cut while it is taken away', async () => {
    const { calm } = await interruptedAnywhere(shell, {
      script: 'settle-kit.sh',
      prepare: (machine) => {
        prepare(machine);
        withOldKit(machine);
      },
      env: (machine) => env(machine, { BOOT_WHILE_DARK: 'no' }),
      restart: (machine) => {
        if (machine.has(`${FOLDER}/current`)) expect(kit(machine)).toEqual(GIVEN_BEFORE);
      },
      outcome: (machine) => machine.tree(FOLDER),
    });
    expect(calm).toEqual({});
  });

  test('what the node runs itself leaves alone what it was started by', async () => {
    withOldKit(world);
    await settle({ STANDBY: 'yes' });
    expect([current(), kit()]).toEqual([OLD, GIVEN_BEFORE]);
  });

  test('a disk that takes nothing more is told, stops nothing, and leaves what was there', async () => {
    withOldKit(world);
    world.write(
      'prelude',
      `${world.read('prelude')}cat() { case $* in */secrets/*) return 1 ;; esac; command cat "$@"; }\n`,
    );
    const { code, output } = await settle();
    expect([code, output]).toEqual([
      0,
      `said: could not write to ${world.at(FOLDER)} what this node needs to start without the cloud: look at the disk\n`,
    ]);
    expect([current(), kit()]).toEqual([OLD, GIVEN_BEFORE]);
  });

  describe('a part that is started by it', () => {
    /** On this computer nothing is linked to. */
    const enter = async (more: Readonly<Record<string, string>> = {}): Promise<string> => {
      world.write('prelude', `${world.read('prelude')}ln() { echo "ln $*" >>"$WORLD/log"; }\n`);
      const { code, output } = await world.run(shell, 'enter.sh', {
        env: { HERE: '192.0.2.77', RELEASE: 'r1', ...more },
        args: [world.at(`${FOLDER}/${current()}`), 'show.sh'],
      });
      expect(code).toBe(0);
      return output.split(world.root).join('');
    };

    test('has all that the pod had, with the address that the node has now', async () => {
      await settle();
      const own = `/${FOLDER}/${current()}`;
      expect(await enter()).toBe(
        [
          ...[TRICKY, '192.0.2.77', 'https://192.0.2.77:26443'],
          ...['config', 'scripts', 'state', 'secrets'].map((part) => `${own}/${part}`),
          ...['r1', 'yes', 'edge2'],
        ]
          .map((value) => `<${value}>\n`)
          .join(''),
      );
      expect(world.log().at(-1)).toBe(`ln -s ${own} /etc/kins`);
    });

    test('goes to no server of the node where its pod did not', async () => {
      await settle({ OWN_URL: '' });
      expect(await enter()).toContain('<192.0.2.77>\n<>\n');
    });
  });
});
