// mqtt - a broker of the few packets of MQTT 3.1.1 that the bench speaks: QoS 0, exact topics.

const CONNECT = 1;
const PUBLISH = 3;
const SUBSCRIBE = 8;
const PINGREQ = 12;

/** [type, body, what follows] of the first packet; null while it is not whole. */
function takePacket(bytes) {
  let length = 0;
  let at = 1;
  for (let shift = 0; ; shift += 7) {
    if (at >= bytes.length) return null;
    const byte = bytes[at++];
    length |= (byte & 0x7f) << shift;
    if (byte < 0x80) break;
  }
  if (bytes.length < at + length) return null;
  return [bytes[0] >> 4, bytes.subarray(at, at + length), bytes.subarray(at + length)];
}

function takeName(bytes) {
  const length = bytes.readUInt16BE(0);
  return [bytes.toString('utf8', 2, 2 + length), bytes.subarray(2 + length)];
}

/** What to do with each link of a WebSocketServer; topics belong to this broker. */
export function serveMqtt() {
  const subscribers = new Map();

  return (socket) => {
    let rest = Buffer.alloc(0);
    const onPacket = (type, body, packet) => {
      if (type === CONNECT) return socket.send(Buffer.from([0x20, 2, 0, 0]));
      if (type === PINGREQ) return socket.send(Buffer.from([0xd0, 0]));
      if (type === SUBSCRIBE) {
        subscribers.set(takeName(body.subarray(2))[0], socket);
        return socket.send(Buffer.from([0x90, 3, body[0], body[1], 0]));
      }
      if (type === PUBLISH) return subscribers.get(takeName(body)[0])?.send(packet);
      return socket.terminate();
    };

    if (socket.protocol !== 'mqtt') socket.terminate();
    socket.on('message', (data) => {
      rest = Buffer.concat([rest, data]);
      for (let taken = takePacket(rest); taken; taken = takePacket(rest)) {
        const [type, body, next] = taken;
        onPacket(type, body, rest.subarray(0, rest.length - next.length));
        rest = next;
      }
    });
  };
}
