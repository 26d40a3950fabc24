import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ACCESS_FILE_VARIABLE } from './connect';
import { ControlPlane } from './control-plane';

declare global {
  var edgeConstructsControlPlane: ControlPlane | undefined;
}

/** One control plane for the whole run. Test files reach it with `connect()`. */
export default async function globalSetup(): Promise<void> {
  const controlPlane = await ControlPlane.start();
  globalThis.edgeConstructsControlPlane = controlPlane;
  const { access } = controlPlane.cluster;
  const file = join(access.folder, 'access.json');
  writeFileSync(file, JSON.stringify(access), { mode: 0o600 });
  process.env[ACCESS_FILE_VARIABLE] = file;
}
