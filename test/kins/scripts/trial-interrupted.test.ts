import { recordOf } from './support/gate';
import {
  CHANGED,
  DATA,
  does,
  env,
  OWN,
  PART,
  prepare,
  R1,
  runsUntil,
  SAVED,
  starts,
  writesData,
} from './support/trial';
import { inEachShell, interruptedAnywhere, type Scenario, type World } from './support/world';

/** What is known of releases on the disk, and the data; each boot has another id. */
function outcome(machine: World): Readonly<Record<string, unknown>> {
  const names = ['proven', 'trial', 'refused'].filter((name) => machine.has(`${PART}/${name}`));
  const texts = names.map((name): [string, string] => [
    name,
    machine.read(`${PART}/${name}`).replace(/boot-\d/, 'BOOT'),
  ]);
  const { 'server/db/changed': changed, ...data } = machine.tree(DATA);
  return {
    ...Object.fromEntries(texts),
    known: Object.keys(machine.tree(PART)).filter((name) => name.startsWith('proven-of')),
    left: Object.keys(machine.tree('lib/server')).filter((name) => /^k3s\.[^/]*$|^standby\/\.[^/]*$/.test(name)),
    saved: machine.has(SAVED) ? machine.tree(SAVED) : null,
    data,
    isChanged: changed !== undefined,
    last: starts(machine).at(-1),
  };
}

/** A new start of the container, after the node was switched on again. */
function restart(machine: World): void {
  for (const folder of ['work', 'waiting']) {
    machine.remove(folder);
    machine.folder(folder);
  }
  machine.write('boot-id', 'boot-2\n');
  machine.write('log', '');
}

const scenario = (prepared: (machine: World) => void): Scenario => ({
  script: 'server.sh',
  prepare: (machine) => {
    prepare(machine);
    prepared(machine);
  },
  env: (machine) => env(machine),
  restart,
  stopAtSleep: 2000,
  outcome,
});

inEachShell((shell) => {
  test('a power cut anywhere while a trial begins loses neither the data nor the copy of it', async () => {
    const { calm, cuts } = await interruptedAnywhere(
      shell,
      scenario((machine) => {
        machine.write('never-ready', '');
        does(machine, 'own', `${writesData}; exit 0`);
      }),
    );
    expect(calm).toMatchObject({
      proven: 'a\n',
      trial: 'b BOOT 1 began r2\n',
      left: ['k3s.before-upgrade'],
      isChanged: true,
      last: OWN,
    });
    const { saved, data } = calm as ReturnType<typeof outcome>;
    expect(saved).toEqual(data);
    expect(cuts).toBeGreaterThan(20 / shell.stride);
  });

  test('a power cut anywhere while the data of before is put back ends with it', async () => {
    const { calm } = await interruptedAnywhere(
      shell,
      scenario((machine) => {
        for (const [name, text] of Object.entries(machine.tree(DATA)))
          if (text !== null) machine.write(`${SAVED}/${name}`, text);
        machine.write(`${DATA}/cluster-id`, 'uid-1\n');
        machine.write(CHANGED, 'more\n');
        machine.write(`${PART}/trial`, 'b failed 2 began r2\n');
      }),
    );
    expect(calm).toMatchObject({
      proven: 'a\n',
      refused: expect.stringMatching(/^b v1\.35\.1\+k3s1 ended several times/) as unknown,
      left: [],
      isChanged: false,
      last: R1,
    });
    expect(calm).not.toHaveProperty('trial');
  });

  test('a power cut anywhere while a release proves itself leaves one of the two, complete', async () => {
    const { calm } = await interruptedAnywhere(shell, {
      ...scenario((machine) => {
        machine.write(`${PART}/trial`, 'b boot-1 1 ready r2\n');
        machine.write(`${SAVED}/cluster-id`, 'uid-1\n');
        const settled = `[ "$(cat "$WORLD/${PART}/proven")" = b ] && [ -e "$WORLD/record/proven-server" ]`;
        does(machine, 'own', `${writesData}; ${runsUntil(settled)}`);
        // Whatever else happens, that must not be started any more.
        does(machine, 'r1', 'rm -rf "$WORLD/lib/server/k3s"');
      }),
      outcome: (machine) => ({
        ...outcome(machine),
        programs: machine.read(`${PART}/proven-of.b/programs`),
        version: machine.read(`${PART}/proven-of.b/version`),
        config: machine.tree(`${PART}/proven-of.b/config`),
        record: recordOf(machine),
      }),
    });
    expect(calm).toMatchObject({
      proven: 'b\n',
      left: [],
      saved: null,
      isChanged: true,
      last: OWN,
      config: { 'server.yaml': 'settings: of b\n' },
      record: { 'proven-server': 'b' },
    });
    expect(calm).not.toHaveProperty('trial');
  });
});
