import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { ended, GATEWAY, type Lan } from './lan';
import { need, which } from './prerequisites';
import { run, until } from './run';

/** What the tests of registries need beyond the lab, in one line, or `undefined` when nothing is missing. */
export function missingForRegistries(): string | undefined {
  const lacks = ['registry', 'openssl'].filter((name) => which(name) === undefined);
  return lacks.length === 0 ? undefined : `not on PATH: ${lacks.join(', ')} (registry is that of CNCF's distribution)`;
}

/** Who pulls where a password is asked for. The password has all that quoting may get wrong. */
export const PULLER = { username: 'puller', password: 'p"a\\ss: $(id) `x` # ü' } as const;
/** The same as htpasswd's bcrypt. */
const HTPASSWD = `${PULLER.username}:$2y$05$abcdefghijklmnopqrstuuhE1jAEWCJ1FfPlBno9PORb.vooWR.q2\n`;

/** Where the registries of a lab listen: one folder of images, and three ways in. */
export const HOSTS = {
  /** TLS with the lab's own CA, and a password. */
  password: `${GATEWAY}:5001`,
  /** TLS that asks for a client's certificate. */
  clientCertificate: `${GATEWAY}:5002`,
  /** HTTP, for everybody. */
  plain: `${GATEWAY}:5003`,
} as const;

/** Real registries on the LAN of a lab. */
export class Registries {
  private readonly children: ChildProcess[] = [];

  private constructor(
    private readonly lan: Lan,
    /** Keys and certificates: `ca.crt`, and `client.crt` with `client.key`. */
    private readonly folder: string,
  ) {
    process.once('exit', () => {
      for (const child of this.children) child.kill('SIGKILL');
    });
  }

  /** Makes CA and certificates, starts the registries, and waits until each listens. */
  public static async start(lan: Lan, folder: string): Promise<Registries> {
    mkdirSync(folder, { recursive: true });
    const registries = new Registries(lan, folder);
    await registries.makeCertificates();
    writeFileSync(join(folder, 'htpasswd'), HTPASSWD);
    const tls = { certificate: join(folder, 'server.crt'), key: join(folder, 'server.key') };
    await registries.serve(HOSTS.password, tls, { htpasswd: { realm: 'lab', path: join(folder, 'htpasswd') } });
    await registries.serve(HOSTS.clientCertificate, { ...tls, clientcas: [join(folder, 'ca.crt')] });
    await registries.serve(HOSTS.plain);
    return registries;
  }

  /** The text of a key or certificate. */
  public file(name: 'ca.crt' | 'client.crt' | 'client.key'): string {
    return readFileSync(join(this.folder, name), 'utf8');
  }

  /** Ends the registries. */
  public async stop(): Promise<void> {
    for (const child of this.children) {
      child.kill('SIGKILL');
      await ended(child);
    }
  }

  private async makeCertificates(): Promise<void> {
    const openssl = (...args: readonly string[]): Promise<unknown> => run([need('openssl'), ...args]);
    const at = (name: string): string => join(this.folder, name);
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    const authority = ['-x509', '-days', '2', '-subj', '/CN=lab CA'];
    await openssl('req', ...key, ...authority, '-keyout', at('ca.key'), '-out', at('ca.crt'));
    const names = { server: `subjectAltName=IP:${GATEWAY}`, client: 'extendedKeyUsage=clientAuth' };
    for (const [name, extension] of Object.entries(names)) {
      writeFileSync(at(`${name}.ext`), extension);
      await openssl('req', ...key, '-subj', `/CN=${name}`, '-keyout', at(`${name}.key`), '-out', at(`${name}.csr`));
      const signer = ['-CA', at('ca.crt'), '-CAkey', at('ca.key'), '-CAcreateserial', '-days', '2'];
      const files = ['-in', at(`${name}.csr`), '-out', at(`${name}.crt`), '-extfile', at(`${name}.ext`)];
      await openssl('x509', '-req', ...signer, ...files);
    }
  }

  private async serve(addr: string, tls?: object, auth?: object): Promise<void> {
    const config = join(this.folder, `${addr}.yaml`);
    // JSON is YAML.
    const settings = {
      version: '0.1',
      log: { level: 'error' },
      storage: { filesystem: { rootdirectory: join(this.folder, 'images') } },
      http: { addr, secret: 'lab', ...(tls === undefined ? {} : { tls }) },
      ...(auth === undefined ? {} : { auth }),
    };
    writeFileSync(config, JSON.stringify(settings));
    const [file = '', ...args] = this.lan.enter([need('registry'), 'serve', config]);
    const env = { PATH: process.env.PATH, OTEL_TRACES_EXPORTER: 'none' };
    const child = spawn(file, args, { env, stdio: ['ignore', 'ignore', 'inherit'] });
    this.children.push(child);
    const port = Number(addr.split(':')[1]).toString(16).toUpperCase().padStart(4, '0');
    await until(`the registry at ${addr}`, async () => {
      if (child.exitCode !== null) throw new Error(`the registry at ${addr} ended with ${child.exitCode}`);
      const { stdout } = await this.lan.exec(['cat', '/proc/thread-self/net/tcp']);
      return new RegExp(`:${port} [0-9A-F]+:0000 0A `).test(stdout);
    });
  }
}
