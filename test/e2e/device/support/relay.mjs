// Runs inside the site: takes connections at a Unix socket, which is in the same place inside and outside, and connects
// each to the address that its first line names.
import { connect, createServer } from 'node:net';

createServer((outside) => {
  outside.on('error', () => outside.destroy());
  outside.once('data', (first) => {
    outside.pause();
    const end = first.indexOf(10);
    const [host, port] = first.subarray(0, end).toString().split(' ');
    const inside = connect(Number(port), host, () => {
      inside.write(first.subarray(end + 1));
      outside.pipe(inside);
      inside.pipe(outside);
    });
    inside.setNoDelay(true);
    inside.on('error', () => outside.destroy()).on('close', () => outside.destroy());
    outside.on('close', () => inside.destroy());
  });
}).listen(process.argv[2], () => console.log('ready'));
