/** Frame types, RFC 9113 section 6. */
export const frames = {
  data: 0,
  headers: 1,
  reset: 3,
  settings: 4,
  ping: 6,
  goaway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const;
/** Error codes, RFC 9113 section 7. */
export const codes = { none: 0, internal: 2, refused: 7, cancel: 8, calm: 11 } as const;

const preface = 24;
export const endStream = 1;
export const endHeaders = 4;
/** HPACK for `:status: 200`, from the static table. */
export const status200 = Buffer.from([0x88]);

/** One frame as bytes; Node's own server would not let a stream end without saying so. */
export function frame(
  type: number,
  flags: number,
  stream: number,
  payload: Uint8Array = Buffer.alloc(0),
): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** A 32-bit number: an error code, or a stream. */
export function number(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** Takes bytes as they come, skips the client's preface and tells each whole frame. */
export function readFrames(
  onFrame: (type: number, flags: number, stream: number, payload: Buffer) => void,
): (chunk: Buffer) => void {
  let pending: Buffer = Buffer.alloc(0);
  let isPast = false;
  return (chunk) => {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
    if (!isPast && pending.length >= preface) {
      pending = pending.subarray(preface);
      isPast = true;
    }
    while (isPast && pending.length >= 9 && pending.length >= 9 + pending.readUIntBE(0, 3)) {
      const [type, flags, stream] = [pending.readUInt8(3), pending.readUInt8(4), pending.readUInt32BE(5)];
      const end = 9 + pending.readUIntBE(0, 3);
      const payload = pending.subarray(9, end);
      pending = pending.subarray(end);
      onFrame(type, flags, stream, payload);
    }
  };
}
