// The server that a registry sends its clients to for a token: token-server.js SETTINGS, a JSON file with `host`, `port`,
// `issuer`, `service`, `identityToken`, and the files `server.key`, `server.crt`, `signer.key`, `signer.crt` beside it. It gives
// tokens to whoever shows the identity token as OAuth 2 refresh token, and prints a line for each request: what was asked for,
// in which way, and the answer. It ends when its standard input does.
// https://distribution.github.io/distribution/spec/auth/oauth/
// https://distribution.github.io/distribution/spec/auth/jwt/
const { sign, X509Certificate } = require('node:crypto');
const { readFileSync } = require('node:fs');
const { createServer } = require('node:https');
const { dirname, join } = require('node:path');

const [, , file] = process.argv;
const { host, port, issuer, service, identityToken } = JSON.parse(readFileSync(file, 'utf8'));
const read = (name) => readFileSync(join(dirname(file), name), 'utf8');
const [key, certificate] = [read('signer.key'), new X509Certificate(read('signer.crt'))];
const LIFETIME_SECONDS = 300;

/** A JSON Web Token for a scope such as `repository:apps/web:pull`; nobody may do more than pull. */
function tokenFor(scope) {
  const now = Math.floor(Date.now() / 1000);
  const access = scope.split(' ').flatMap((part) => {
    const [type, name, actions = ''] = part.split(':');
    return name === undefined
      ? []
      : [{ type, name, actions: actions.split(',').filter((action) => action === 'pull') }];
  });
  const header = { typ: 'JWT', alg: 'ES256', x5c: [certificate.raw.toString('base64')] };
  const times = { iat: now, nbf: now, exp: now + LIFETIME_SECONDS };
  const claims = { iss: issuer, sub: 'puller', aud: service, ...times, access };
  const signed = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  return `${signed}.${sign('sha256', Buffer.from(signed), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
}

const server = createServer({ key: read('server.key'), cert: read('server.crt') }, async (request, response) => {
  let body = '';
  for await (const piece of request) body += piece;
  const form = new URLSearchParams(body);
  const [way, scope] = [form.get('grant_type') ?? 'no grant', form.get('scope') ?? ''];
  const isRight =
    request.method === 'POST' &&
    way === 'refresh_token' &&
    form.get('refresh_token') === identityToken &&
    form.get('service') === service;
  const status = isRight ? 200 : 401;
  console.log(`${request.method} ${way} ${scope} ${status}`);
  const answer = isRight ? { access_token: tokenFor(scope), expires_in: LIFETIME_SECONDS } : { error: 'invalid_grant' };
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
});
server.listen(port, host);
process.stdin.resume().on('end', () => process.exit(0));
