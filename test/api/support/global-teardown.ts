import { ACCESS_FILE_VARIABLE } from './connect';
import type {} from './global-setup';

export default async function globalTeardown(): Promise<void> {
  Reflect.deleteProperty(process.env, ACCESS_FILE_VARIABLE);
  await globalThis.edgeConstructsControlPlane?.stop();
}
