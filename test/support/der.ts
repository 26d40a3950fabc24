/** In no more bytes than it takes: Go's programs are strict about that. */
function size(length: number): number[] {
  if (length < 128) return [length];
  return length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
}

/** An ASN.1 value in DER. */
export function tagged(tag: number, ...content: readonly Buffer[]): Buffer {
  const all = Buffer.concat(content);
  return Buffer.concat([Buffer.from([tag, ...size(all.length)]), all]);
}

export function sequence(...content: readonly Buffer[]): Buffer {
  return tagged(0x30, ...content);
}

/** A whole number from its digits in base 256, of which the first must be 0 to 127. */
export function integer(...digits: readonly number[]): Buffer {
  return tagged(0x02, Buffer.from(digits));
}

export function identifier(hex: string): Buffer {
  return tagged(0x06, Buffer.from(hex, 'hex'));
}

/** In a frame of PEM. */
export function pem(label: string, content: Buffer): string {
  const lines = content.toString('base64').replace(/.{1,64}/g, '$&\n');
  return `-----BEGIN ${label}-----\n${lines}-----END ${label}-----\n`;
}
