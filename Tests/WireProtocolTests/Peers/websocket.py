"""The server's side of a WebSocket with the protocol of the websockets package, without a socket.

Reads three lines of hexadecimal: the client's opening request; frames; the client's close frame. Answers with three
lines: the opening response; a JSON list of the frames that were received; what the server sent after the handshake:
a pong for each ping, each unfragmented binary message echoed, and its answer to the close frame."""
import json
import sys

from websockets.frames import Frame, Opcode
from websockets.server import ServerProtocol

server = ServerProtocol(subprotocols=["gatehouse.v1"])
frames = []


def receive():
    server.receive_data(bytes.fromhex(sys.stdin.readline()))
    if server.parser_exc is not None:
        sys.exit(str(server.parser_exc))
    events = server.events_received()
    frames.extend(event for event in events if isinstance(event, Frame))
    return events


(request,) = receive()
server.send_response(server.accept(request))
print(b"".join(server.data_to_send()).hex())
for frame in receive():
    if frame.opcode is Opcode.BINARY and frame.fin:
        server.send_binary(bytes(frame.data))
receive()
print(json.dumps([[frame.opcode.name, frame.fin, bytes(frame.data).hex()] for frame in frames]))
print(b"".join(server.data_to_send()).hex())
