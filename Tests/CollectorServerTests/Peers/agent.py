"""An agent made of the websockets package and cbor2.

  agent.py PORT CA CERTIFICATE KEY SCENARIO

Each scenario prints one line of JSON with what the collector did."""
import json
import os
import secrets
import socket
import ssl
import sys
import time

import cbor2
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from websockets.exceptions import ConnectionClosed
from websockets.frames import Frame, Opcode
from websockets.sync.client import connect

port, authority, certificate, key, scenario = sys.argv[1:6]
context = ssl.create_default_context(cafile=authority)
context.minimum_version = ssl.TLSVersion.TLSv1_3
context.load_cert_chain(certificate, key)
WELCOME, ACKNOWLEDGE, CERTIFICATE = 1, 2, 5
RENEW = 3
# Of a computer that does much else; nothing here waits that long to see that nothing comes.
PATIENCE_SECONDS = 40


def open_connection(subprotocols=("gatehouse.v1",), path="/agent"):
    return connect(
        f"wss://localhost:{port}{path}", ssl=context, subprotocols=list(subprotocols), compression=None,
        ping_interval=None, max_size=1 << 20, proxy=None, open_timeout=PATIENCE_SECONDS,
    )


def send(connection, kind, body):
    connection.send(cbor2.dumps({1: kind, 2: body}, canonical=True))


def hello(connection, epoch, instance):
    send(connection, 1, {
        1: 1, 2: "0.1.0", 3: "amd64", 4: "6.1", 5: "peer", 6: epoch, 7: instance, 8: 0, 9: b"",
        10: int(time.time() * 1000),
    })


def incident(epoch, sequence):
    return {1: epoch, 2: sequence, 3: 1, 4: int(time.time() * 1000), 5: 4, 6: {1: "scan", 2: "", 3: "a scan", 4: 1}}


def receive(connection):
    return cbor2.loads(connection.recv(timeout=PATIENCE_SECONDS))


def close_code(connection):
    try:
        while True:
            connection.recv(timeout=PATIENCE_SECONDS)
    except ConnectionClosed as closed:
        return closed.rcvd.code if closed.rcvd else 0


def greeted(epoch=1, instance=None):
    connection = open_connection()
    hello(connection, epoch, instance or secrets.token_bytes(16))
    return connection, receive(connection)


def say(**facts):
    print(json.dumps(facts))
    sys.stdout.flush()


def signing_request(key):
    """Asks for somebody else's name, which must not be granted."""
    other = x509.UniformResourceIdentifier("spiffe://test.local/gateway/other")
    return x509.CertificateSigningRequestBuilder().subject_name(
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "other")])
    ).add_extension(x509.SubjectAlternativeName([other]), critical=False).sign(key, hashes.SHA256())


def der(thing):
    return thing.public_bytes(serialization.Encoding.DER)


def renew(connection, request):
    """The certificate and its issuer, or the words of a refusal."""
    send(connection, RENEW, {1: request})
    answer = receive(connection)
    assert answer[1] == CERTIFICATE, answer
    body = answer[2]
    if 3 in body:
        assert 1 not in body and 2 not in body
        return body[3]
    return x509.load_der_x509_certificate(body[1]), x509.load_der_x509_certificate(body[2])


def send_raw(connection, data):
    """Bytes past the library. It reads in a thread of its own, and Python's TLS takes the end that thread reads, when the
    collector closes at once, for a failure of this write, which is over by then. What counts is how the collector closes."""
    try:
        connection.socket.sendall(data)
    except ssl.SSLError:
        pass


def wait_for_file(name):
    while not os.path.exists(name):
        time.sleep(0.02)


if scenario == "reports":
    instance = secrets.token_bytes(16)
    connection, welcome = greeted(1, instance)
    send(connection, 2, [incident(1, n) for n in range(1, 11)])
    first = receive(connection)
    connection.close()
    connection, again = greeted(1, instance)
    send(connection, 2, [incident(1, n) for n in range(1, 13)])
    second = receive(connection)
    latency = connection.ping().wait(20)
    connection.close()
    say(
        welcome=[welcome[1], welcome[2][3], welcome[2][4]],
        first=[first[1], first[2][1]], again=again[2][3], second=[second[1], second[2][1]], pong=latency,
        subprotocol=connection.subprotocol,
    )
elif scenario == "unmasked":
    connection, _ = greeted()
    data = Frame(Opcode.BINARY, b"\xa0").serialize(mask=False)
    send_raw(connection, data)
    say(code=close_code(connection))
elif scenario == "huge":
    connection, _ = greeted()
    # The header of a message of 64 MB; its bytes need not follow.
    send_raw(connection, bytes([0x82, 0xFF]) + (64 << 20).to_bytes(8, "big") + b"\x01\x02\x03\x04")
    say(code=close_code(connection))
elif scenario == "fragments":
    connection, _ = greeted()
    code = None
    try:
        connection.send(b"\x00" * (1 << 18) for _ in range(8))
    except ConnectionClosed:
        pass
    say(code=close_code(connection))
elif scenario == "deep":
    connection, _ = greeted()
    connection.send(b"\xa2\x01\x02\x18\x63" + b"\x81" * 10_000 + b"\x00")
    say(code=close_code(connection))
elif scenario == "garbage":
    connection, _ = greeted()
    connection.send(b"\xff\xff\xff\xff")
    say(code=close_code(connection))
elif scenario == "early":
    connection = open_connection()
    send(connection, 2, [incident(1, 1)])
    say(code=close_code(connection))
elif scenario == "refused":
    connection = open_connection()
    hello(connection, 2, secrets.token_bytes(16))
    say(code=close_code(connection))
elif scenario == "clone":
    first, _ = greeted(1)
    second, welcome = greeted(1)
    held = receive(first)
    # Zero is left out on the wire.
    say(second=welcome[2].get(4, 0), first=[held[1], held[2].get(2, 0)])
elif scenario == "restart":
    first, _ = greeted(1)
    first.close()
    second, welcome = greeted(2)
    say(credits=welcome[2][4])
elif scenario == "later":
    connection, welcome = greeted(9)
    say(credits=welcome[2][4])
elif scenario == "replace":
    instance = secrets.token_bytes(16)
    first, _ = greeted(1, instance)
    second, welcome = greeted(1, instance)
    say(first=close_code(first), credits=welcome[2][4])
elif scenario == "wait":
    connection, _ = greeted()
    say(ready=True)
    sys.stdout.flush()
    kinds = []
    try:
        while True:
            kinds.append(receive(connection)[1])
    except ConnectionClosed as closed:
        say(kinds=kinds, code=closed.rcvd.code if closed.rcvd else 0, reason=closed.rcvd.reason if closed.rcvd else "")
elif scenario == "renew":
    instance = secrets.token_bytes(16)
    first, _ = greeted(1, instance)
    new = ec.generate_private_key(ec.SECP256R1())
    leaf, issuer = renew(first, der(signing_request(new)))
    leaf.verify_directly_issued_by(issuer)
    with open(authority, "rb") as file:
        assert x509.load_pem_x509_certificate(file.read()) == issuer
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    again = renew(first, der(signing_request(new)))
    with open("renewed.pem", "wb") as file:
        file.write(leaf.public_bytes(serialization.Encoding.PEM) + new.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    context = ssl.create_default_context(cafile=authority)
    context.load_cert_chain("renewed.pem")
    second, welcome = greeted(1, instance)
    say(
        names=[str(name.value) for name in names], subject=leaf.subject.rfc4514_string(),
        isOurs=leaf.public_key() == new.public_key(), serial=f"{leaf.serial_number:x}", again=again,
        life=round((leaf.not_valid_after_utc - leaf.not_valid_before_utc).total_seconds()),
        first=close_code(first), credits=welcome[2][4],
    )
elif scenario == "renew-damaged":
    connection, _ = greeted()
    request = bytearray(der(signing_request(ec.generate_private_key(ec.SECP256R1()))))
    request[-1] ^= 1
    say(answer=renew(connection, bytes(request)))
elif scenario == "renew-nonsense":
    connection, _ = greeted()
    say(answer=renew(connection, b"certificate, please"))
elif scenario == "renew-long":
    connection, _ = greeted()
    send(connection, RENEW, {1: bytes(8193)})
    say(code=close_code(connection))
elif scenario == "renew-early":
    connection = open_connection()
    send(connection, RENEW, {1: b"0"})
    say(code=close_code(connection))
elif scenario == "renew-held":
    first, _ = greeted(1)
    second, _ = greeted(1)
    say(answer=renew(second, der(signing_request(ec.generate_private_key(ec.SECP256R1())))))
elif scenario == "renew-banned":
    connection, _ = greeted()
    say(ready=True)
    wait_for_file("go")
    say(answer=renew(connection, der(signing_request(ec.generate_private_key(ec.SECP256R1())))))
elif scenario == "deaf":
    # Greets, and never reads again.
    raw = context.wrap_socket(socket.create_connection(("localhost", int(port))), server_hostname="localhost")
    raw.sendall((
        "GET /agent HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Protocol: gatehouse.v1\r\n\r\n"
    ).encode())
    assert raw.recv(12) == b"HTTP/1.1 101"
    message = cbor2.dumps({1: 1, 2: {1: 1, 6: 1, 7: secrets.token_bytes(16)}}, canonical=True)
    raw.sendall(Frame(Opcode.BINARY, message).serialize(mask=True))
    wait_for_file("go")
    say(done=True)
