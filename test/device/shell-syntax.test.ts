import { spawnSync } from 'node:child_process';
import { decommissioningScript, provisioningInput, provisioningSupervisor } from '../../lib/device';
import { approvingScript } from '../../lib/device/serving-certificate-manifests';

const programs = {
  provisioning: provisioningInput(provisioningSupervisor({ name: 'edge1' }), { script: 'true', ca: 'ca' }),
  decommissioning: decommissioningScript({ name: 'edge1' }),
  approving: approvingScript(),
};

describe.each(Object.entries(programs))('the %s program', (_, program) => {
  test.each([
    // What only other functions, a trap or a variable call is no dead code.
    ['shellcheck', ['--shell=sh', '--exclude=SC2317', '-']],
    ['dash', ['-n']],
    ['busybox', ['ash', '-n']],
  ])('%s finds nothing in it', (command, args) => {
    const { stdout, stderr, status, error } = spawnSync(command, args, { input: program, encoding: 'utf8' });
    expect(error).toBeUndefined();
    expect({ status, said: stdout + stderr }).toEqual({ status: 0, said: '' });
  });
});
