// send-requests.js HOST PORT SECONDS: twenty requests a second, each by a connection of its own, until so many seconds have passed or
// SIGTERM; prints how many were answered, what went wrong with the others, which took more than half a second, and when the processes
// that answered had been started.
const http = require('node:http');
const [host, port, seconds] = process.argv.slice(2);
const result = { answered: 0, failed: [], slow: [], started: [] };

function request() {
  const start = Date.now();
  const at = new Date(start).toISOString();
  const sent = http.get({ host, port, timeout: 3000, agent: false }, (response) => {
    let body = '';
    response.on('data', (part) => (body += part));
    response.on('end', () => {
      result.answered++;
      const took = Date.now() - start;
      if (took > 500) result.slow.push(`${at} ${took} ms`);
      const { started } = JSON.parse(body);
      if (!result.started.includes(started)) result.started.push(started);
    });
  });
  sent.on('timeout', () => sent.destroy(new Error('no answer within 3 s')));
  sent.on('error', (error) => result.failed.push(`${at} ${error.message}`));
}

const timer = setInterval(request, 50);
const end = setTimeout(stop, Number(seconds) * 1000);
function stop() {
  clearInterval(timer);
  clearTimeout(end);
}
process.on('SIGTERM', stop);
// Nobody is left to be told when the test run was killed.
const { ppid } = process;
setInterval(() => process.ppid === ppid || process.exit(1), 1000).unref();
process.on('exit', () => console.log(JSON.stringify(result)));
