/** Public keys of throw-away pairs made with ssh-keygen; nothing trusts them. */
export const ED25519 =
  'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAB/3uMnDm2THOikvdXQnV+XKKbtWC7vsVJUPmSx0m54 ops@example.com';
export const ED25519_SECOND = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHSmGRm7NCNbZzK1o3OBgZWWUo07/mcVJeLxA6UqfFPg second';
export const ECDSA_256 =
  'ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBGrfezSw+hifzRcIm3302iFc4sYGI4zLIkyKktibh3nOp5JAgw//S50qXhxlgeJW76p6Xd0P8P3EnOUrbpBvl80=';
export const ECDSA_384 =
  'ecdsa-sha2-nistp384 AAAAE2VjZHNhLXNoYTItbmlzdHAzODQAAAAIbmlzdHAzODQAAABhBM/6UfYxXTj4oi3lx6pEhZ5yNB4zIXyWbxHbrkiz20pKPlsMefBNCBZqPXLdRb4fHOeZcJecScX5goBfz/UpfDNf94yeSss2mWWt/EnlBNRglMJz/jJ56YdaTO7t2BF+Hg== two words';
export const ECDSA_521 =
  'ecdsa-sha2-nistp521 AAAAE2VjZHNhLXNoYTItbmlzdHA1MjEAAAAIbmlzdHA1MjEAAACFBAAeQGLuz+8WdLo0HcpvjbcCvQiEypLIYXWZBis6/GLYPkyzuqVxlhhlcFFwh+vm7HORAlAN3vp2X98ctL5efpwEMwC8LdpsZ5SqE4UxvQisklNpOGfiz3BJOizjuNTe4QbxIG0tl01isK4H11e5KQtf2Oj21OMV5tWj+136kmXtCumcAA== ops';
export const RSA_2048 =
  'ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQDryucRfaqEj+zYfMv4+uBW9m6A3IoWNNVGiuvi7Bl9Vrq+4+hXXNRVsbQ5Z2a1qj/ETAIyg4kzT86TsXGJbsI/d8m8NexBYWrq4W2jUGJeijr+PAyqtfuxUzBMSWHjsJWPZLJTq4743JlN1O9av85t0SzgZC55n0T9kbgnVI2CvHw+Exww/z/dOXkgNfsHO002Og0e6j45jeQrwbAiqVeWIEMlSIz8+4wYHfXWs9v5PYTUC9EbPYoNKni89APrxF2ElmxU3UfXWALPf9cdqOdFeA6sun+yDtlgKjaARQMl07sek4TSNnpUC6+mhCLtm8YgmtRN9rT+h4LCOr3ZbVzH rsa2048';
export const RSA_1024 =
  'ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQDK6lTf7wxTV6vEHWD21qZlkHH5Rfo5ajHNlYrvoklI7aAkCOrvmYxNJX91qNaGKNC7BBWplWSS1deh101QkQH1M62w8tTSwEqaY8lmeDIzQqlCeAGh+/UI36UtXF5uf45/xNU9oW1upvkFMkivNe5m5UOKq0NynbyuT++Q+0bObQ== rsa1024';
export const DSA =
  'ssh-dss AAAAB3NzaC1kc3MAAACBAOFIKkC9UhDps8SMPMrgYt1cLk6YybCLiFTspbjQV1q5qfgYwl12TVdwM9v7l+8mKi6XMiJoAboYv7eq9nV93YgCzrCcO2J4gvlkJBSXVE2YESTMm/DCBBU7FzBFVrHGk9r2mV8HdvmaPbxnk2m4u1A62o7l3QRDfI8VPbCkmpktAAAAFQDMircTOGXR8o3b5u4MsRViJ61/0QAAAIAPHjgzwCiQ9ukMkio/0SUV0xsTlJtAD7Zlkhg2ttsT0A9vdlYFTVrQoMvqxxIdCGSYOlJZ/sLA/AHjcWXIOIIkX1H8qltwJgwGiqf70qSOt6QgEQ6ciZpSnUNveNpEk7IHHal1okbka5hNxME6A70vaW3WZsNtOXJw4sRd8MwKnAAAAIBfpm1zIrv3Sud0hM5rxQBbpTb3b45D3r3XWtkPpCXTCSzultBiE1EITLhgJuS6Xljbi6bAbSpuB1sJ0fr8qTLyLX/bs+1HJfNks9NOMyQ4kIsbXPi+GDYESnEr/xzICFu4D7LUcZ+GoqFQehL+5qBSLEiSd428mIoty9NA7PDO/w== old@example.com';
export const CERTIFICATE =
  'ssh-ed25519-cert-v01@openssh.com AAAAIHNzaC1lZDI1NTE5LWNlcnQtdjAxQG9wZW5zc2guY29tAAAAIPQL1IB7k2prY1jTVvaUoIfQvSruf65KdpJUhOMdlyL4AAAAIAB/3uMnDm2THOikvdXQnV+XKKbtWC7vsVJUPmSx0m54AAAAAAAAAAAAAAABAAAABHRlc3QAAAAHAAAAA29wcwAAAAAAAAAA//////////8AAAAAAAAAggAAABVwZXJtaXQtWDExLWZvcndhcmRpbmcAAAAAAAAAF3Blcm1pdC1hZ2VudC1mb3J3YXJkaW5nAAAAAAAAABZwZXJtaXQtcG9ydC1mb3J3YXJkaW5nAAAAAAAAAApwZXJtaXQtcHR5AAAAAAAAAA5wZXJtaXQtdXNlci1yYwAAAAAAAAAAAAAAMwAAAAtzc2gtZWQyNTUxOQAAACAAf97jJw5tkxzopL3V0J1flyim7Vgu77FSVD5ksdJueAAAAFMAAAALc3NoLWVkMjU1MTkAAABAX66fuBhjn1kzfhWP7CbBeoc2yl5c+swKDr03arY0OSvwY5IlZxzIo2VFyydUpCtrnXNE7h9db07HKa6wYhk0Aw== ops@example.com';

/** The blob of a key, as its wire format has it: length-prefixed fields. */
export function blobOf(...fields: readonly (string | Buffer)[]): string {
  const parts = fields.flatMap((field) => {
    const bytes = Buffer.from(field);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    return [length, bytes];
  });
  return Buffer.concat(parts).toString('base64');
}

const POINT = Buffer.concat([Buffer.from([4]), Buffer.alloc(64, 7)]);

/** Keys on security tokens, which ssh-keygen makes only with a token plugged in. */
export const SK_ED25519 = `sk-ssh-ed25519@openssh.com ${blobOf('sk-ssh-ed25519@openssh.com', Buffer.alloc(32, 9), 'ssh:')} token`;
export const SK_ECDSA = `sk-ecdsa-sha2-nistp256@openssh.com ${blobOf('sk-ecdsa-sha2-nistp256@openssh.com', 'nistp256', POINT, 'ssh:')} token`;
