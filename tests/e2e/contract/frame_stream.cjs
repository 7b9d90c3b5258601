// frame_stream - cuts the two directions of a WebSocket into messages.
'use strict';

const CONTINUATION = 0;
const TEXT = 1;
const CONTROL = 8;

/** { isFinal, opcode, payload, size } of the frame at the front, or undefined. */
function frameOf(buffer) {
  if (buffer.length < 2) return undefined;
  const short = buffer[1] & 0x7f;
  const start = short < 126 ? 2 : short === 126 ? 4 : 10;
  if (buffer.length < start) return undefined;
  const length = short < 126 ? short
    : short === 126 ? buffer.readUInt16BE(2) : Number(buffer.readBigUInt64BE(2));
  const isMasked = (buffer[1] & 0x80) !== 0;
  const begin = start + (isMasked ? 4 : 0);
  if (buffer.length < begin + length) return undefined;
  const mask = buffer.subarray(start, begin);
  const payload = Buffer.from(buffer.subarray(begin, begin + length));
  if (isMasked) for (let i = 0; i < length; i++) payload[i] ^= mask[i & 3];
  return { isFinal: (buffer[0] & 0x80) !== 0, bits: buffer[0] & 0x70, opcode: buffer[0] & 15,
    isMasked, payload, size: begin + length };
}

/** push() returns the frames that are complete. */
class FrameStream {
  #rest = Buffer.alloc(0);

  push(data) {
    const frames = [];
    this.#rest = Buffer.concat([this.#rest, data]);
    for (let frame; (frame = frameOf(this.#rest)) !== undefined; ) {
      this.#rest = this.#rest.subarray(frame.size);
      frames.push(frame);
    }
    return frames;
  }
}

/** A client's frames to its text messages, fragments joined; `isLost` once it breaks the rules. */
class ClientTexts {
  #frames = new FrameStream();
  #parts = [];
  isLost = false;

  push(data) {
    const texts = [];
    for (const frame of this.#frames.push(data)) {
      this.isLost ||= !frame.isMasked || frame.bits !== 0;
      if (frame.opcode >= CONTROL || ![TEXT, CONTINUATION].includes(frame.opcode)) continue;
      this.#parts.push(frame.payload);
      if (!frame.isFinal) continue;
      texts.push(Buffer.concat(this.#parts).toString('utf8'));
      this.#parts = [];
    }
    return texts;
  }
}

module.exports = { FrameStream, ClientTexts };
