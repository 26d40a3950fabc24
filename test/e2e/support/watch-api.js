// watch-api.js MILLISECONDS NAME=URL...: asks each API server every so often whether it is ready, by a connection of its own each
// time, until SIGTERM; prints what it saw. The input is {"ca": ..., "token": ..., "versions": true if versions are asked for, too}.
const { readFileSync } = require('node:fs');
const https = require('node:https');
const [interval, ...servers] = process.argv.slice(2);
const { ca, token, versions } = JSON.parse(readFileSync(0, 'utf8'));
const seen = [];

// Of a list of checks, those that failed; of a status, its message.
const reason = (body) =>
  (body.match(/^\[-\].*$/gm) ?? [/"message":"([^"]*)"/.exec(body)?.[1] ?? body.slice(0, 100)]).join(', ');

function get(url) {
  return new Promise((resolve, reject) => {
    const options = { ca, headers: { authorization: `Bearer ${token}` }, agent: false, timeout: 5000 };
    const sent = https.get(url, options, (response) => {
      let body = '';
      response.on('data', (part) => (body += part));
      response.on('end', () =>
        response.statusCode === 200 ? resolve(body) : reject(new Error(`${response.statusCode} ${reason(body)}`)),
      );
      response.on('error', reject);
    });
    sent.on('timeout', () => sent.destroy(new Error('no answer within 5 s')));
    sent.on('error', reject);
  });
}

async function look(name, url) {
  const sample = { at: Date.now(), name };
  try {
    await get(`${url}/readyz`);
    if (versions) {
      sample.server = JSON.parse(await get(`${url}/version`)).gitVersion;
      const { items } = JSON.parse(await get(`${url}/api/v1/nodes`));
      sample.kubelets = Object.fromEntries(
        items.map(({ metadata, status }) => [metadata.name, status.nodeInfo.kubeletVersion]),
      );
    }
  } catch (error) {
    sample.error = error.message || String(error.code);
  }
  seen.push(sample);
}

const timer = setInterval(() => {
  for (const server of servers) {
    const [name, url] = server.split('=');
    void look(name, url);
  }
}, Number(interval));
process.on('SIGTERM', () => clearInterval(timer));
// Nobody is left to be told when the test run was killed.
const { ppid } = process;
setInterval(() => process.ppid === ppid || process.exit(1), 1000).unref();
process.on('exit', () => console.log(JSON.stringify(seen)));
