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

/** What the token server takes for an identity token: OAuth 2 allows all of printable ASCII. */
export const IDENTITY_TOKEN = 'i"d\\t: $(id) `x` # %2B+&=';

/** Where the registries of a lab listen: one folder of images, and four ways in. */
export const HOSTS = {
  /** TLS with the lab's own CA, and a password. */
  password: `${GATEWAY}:5001`,
  /** TLS that asks for a client's certificate. */
  clientCertificate: `${GATEWAY}:5002`,
  /** HTTP, for everybody. */
  plain: `${GATEWAY}:5003`,
  /** TLS with the lab's own CA, and a token that another server gives to whoever has an identity token. */
  identityToken: `${GATEWAY}:5004`,
} as const;
const TOKEN_SERVER = { host: GATEWAY, port: 5005, issuer: 'lab', service: 'lab registry' } as const;

/** Real registries on the LAN of a lab. */
export class Registries {
  private readonly children: ChildProcess[] = [];
  private asked = '';

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
    await registries.serveTokens();
    const { host, port, issuer, service } = TOKEN_SERVER;
    const rootcertbundle = join(folder, 'ca.crt');
    await registries.serve(HOSTS.identityToken, tls, {
      token: { realm: `https://${host}:${port}/token`, service, issuer, rootcertbundle },
    });
    return registries;
  }

  /** The text of a key or certificate. */
  public file(name: 'ca.crt' | 'client.crt' | 'client.key'): string {
    return readFileSync(join(this.folder, name), 'utf8');
  }

  /** What the token server was asked for so far, and its answers: `METHOD GRANT SCOPE STATUS`. */
  public get tokenRequests(): readonly string[] {
    return this.asked.split('\n').slice(0, -1);
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
    const names = {
      server: `subjectAltName=IP:${GATEWAY}`,
      client: 'extendedKeyUsage=clientAuth',
      signer: 'keyUsage=digitalSignature',
    };
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
    await this.listen(addr, [need('registry'), 'serve', config]);
  }

  private async serveTokens(): Promise<void> {
    const settings = join(this.folder, 'token-server.json');
    writeFileSync(settings, JSON.stringify({ ...TOKEN_SERVER, identityToken: IDENTITY_TOKEN }));
    const program = join(__dirname, 'token-server.js');
    await this.listen(`${TOKEN_SERVER.host}:${TOKEN_SERVER.port}`, [process.execPath, program, settings], (said) => {
      this.asked += said;
    });
  }

  /** Starts a server on the LAN, and waits until it listens. */
  private async listen(addr: string, argv: readonly string[], heard?: (said: string) => void): Promise<void> {
    const [file = '', ...args] = this.lan.enter(argv);
    const env = { PATH: process.env.PATH, OTEL_TRACES_EXPORTER: 'none' };
    const child = spawn(file, args, { env, stdio: ['pipe', heard === undefined ? 'ignore' : 'pipe', 'inherit'] });
    if (heard !== undefined) child.stdout?.setEncoding('utf8').on('data', heard);
    this.children.push(child);
    const port = Number(addr.split(':')[1]).toString(16).toUpperCase().padStart(4, '0');
    await until(`the server at ${addr}`, async () => {
      if (child.exitCode !== null) throw new Error(`the server at ${addr} ended with ${child.exitCode}`);
      const { stdout } = await this.lan.exec(['cat', '/proc/thread-self/net/tcp']);
      return new RegExp(`:${port} [0-9A-F]+:0000 0A `).test(stdout);
    });
  }
}
