/** Numbers as protocol buffers write them. */
function varint(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) + 128, ...varint(Math.floor(value / 128))];
}

/** A record of etcd's log in its frame: length and padding in eight bytes, then the record, padded to a multiple of eight. */
function frame(type: number, data: readonly number[]): number[] {
  const crc = 0x9a3f_0001 + type;
  const body = data.length === 0 ? [] : [0x1a, ...varint(data.length), ...data];
  const record = [0x08, type, 0x10, ...varint(crc), ...body];
  const padding = (8 - (record.length % 8)) % 8;
  const length = [record.length % 256, Math.floor(record.length / 256) % 256, record.length >> 16, 0, 0, 0, 0];
  return [...length, padding === 0 ? 0 : 0x80 + padding, ...record, ...Array<number>(padding).fill(0)];
}

const state = (term: number, commit: number): number[] =>
  frame(3, [0x08, ...varint(term), 0x10, 0, 0x18, ...varint(commit)]);

/** What etcd writes when it makes its log: nothing of the cluster is in it yet. */
const BEGINNING = [
  ...frame(4, []),
  ...frame(1, [0x08, ...varint(987654), 0x10, ...varint(123456)]),
  ...frame(5, [0x08, 0, 0x10, 0]),
];

/** etcd makes its log larger than what is in it. */
const log = (...records: readonly number[][]): Buffer =>
  Buffer.from([...records.flat(), ...Array<number>(4096).fill(0)]);

const entry = (length: number): number[] =>
  frame(2, [0x08, 1, 0x10, 1, 0x18, 1, 0x22, ...varint(length), ...Array<number>(length).fill(0x18)]);

/** Logs of an etcd that was cut at several points of a join. */
export const ETCD_LOGS = {
  made: log(BEGINNING),
  electionHeard: log(BEGINNING, state(3, 0), state(300, 0)),
  entriesWithoutCommit: log(BEGINNING, state(3, 0), entry(70_000)),
  torn: Buffer.from([...BEGINNING, ...state(3, 0), ...entry(70_000).slice(0, 50_000)]),
  joined: log(BEGINNING, state(3, 0), entry(70_000), entry(5), state(3, 128)),
  joinedBySnapshot: log(BEGINNING, frame(5, [0x08, ...varint(12_000), 0x10, 3]), state(3, 12_000)),
};
