"""A device that answers every question of the agent's probes, and writes down each byte that it is sent.

One line an arrival: `udp 1900 HEX` for each datagram, `tcp 80 HEX` for all that a connection brought when it ended. What it
answers is made after the specifications that Sources/AgentCore/Probes names. With --reset it lets nobody say anything: each
connection is reset as soon as it is there.
"""
import argparse
import socket
import ssl
import struct
import sys
import threading

parser = argparse.ArgumentParser()
parser.add_argument("address")
parser.add_argument("--certificate")
parser.add_argument("--key")
parser.add_argument("--reset", action="store_true")
parser.add_argument("--location", help="where the UPnP description is said to be")
options = parser.parse_args()
HERE = options.address
lock = threading.Lock()


def note(transport, port, data):
    with lock:
        print(transport, port, data.hex() or "-", flush=True)


def http(body, kind, status="200 OK", more=""):
    return (f"HTTP/1.1 {status}\r\nServer: Boa/0.94.14rc21\r\nContent-Type: {kind}\r\n{more}"
            f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n{body}").encode()


def soap(body):
    return http(f'<?xml version="1.0"?><s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" '
                f'xmlns:tds="http://www.onvif.org/ver10/device/wsdl"><s:Body>{body}</s:Body></s:Envelope>',
                "application/soap+xml")


def page(request):
    if b"GetSystemDateAndTime" in request:
        return soap("<tds:GetSystemDateAndTimeResponse/>")
    if b"GetDeviceInformation" in request:
        return soap("<tds:GetDeviceInformationResponse><tds:Manufacturer>AXIS</tds:Manufacturer><tds:Model>M3045-V</tds:Model>"
                    "<tds:FirmwareVersion>9.80.1</tds:FirmwareVersion><tds:HardwareId>714</tds:HardwareId>"
                    "</tds:GetDeviceInformationResponse>")
    # A redirect that nobody must follow.
    return http("<html><head><title>Sign in</title></head></html>", "text/html", "302 Found",
                f"Location: http://{HERE}:8081/elsewhere\r\n")


def description(request):
    return http('<?xml version="1.0"?><root xmlns="urn:schemas-upnp-org:device-1-0"><device><friendlyName>Door</friendlyName>'
                "<manufacturer>AXIS</manufacturer><modelName>M3045-V</modelName></device></root>" + " " * 300_000, "text/xml")


def rtsp(request):
    if request.startswith(b"OPTIONS"):
        return b"RTSP/1.0 200 OK\r\nCSeq: 1\r\nServer: Hipcam RealServer/V1.0\r\nPublic: OPTIONS, DESCRIBE\r\n\r\n"
    return b'RTSP/1.0 401 Unauthorized\r\nCSeq: 1\r\nWWW-Authenticate: Basic realm="AXIS_ACCC8E010203"\r\n\r\n'


def modbus(request):
    objects = [b"Example", b"X-1", b"1.0"]
    body = bytes([0x2B, 0x0E, 1, 1, 0, 0, len(objects)])
    body += b"".join(bytes([number, len(text)]) + text for number, text in enumerate(objects))
    return request[:4] + struct.pack(">HB", len(body) + 1, request[6]) + body


def names(*labels):
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


def mdns(request, _):
    owner = names(b"_services", b"_dns-sd", b"_udp", b"local")
    target = names(b"_axis-video", b"_tcp", b"local")
    record = owner + struct.pack(">HHIH", 12, 1, 10, len(target)) + target
    return request[:2] + struct.pack(">HHHHH", 0x8400, 0, 1, 0, 0) + record


def ssdp(request, _):
    location = options.location or f"http://{HERE}:49152/description.xml"
    return (f"HTTP/1.1 200 OK\r\nCACHE-CONTROL: max-age=1800\r\nEXT:\r\nLOCATION: {location}\r\nSERVER: Linux/4.4 UPnP/1.0\r\n"
            "ST: upnp:rootdevice\r\nUSN: uuid:12345678-0000-1000-8000-accc8e010203::upnp:rootdevice\r\n\r\n").encode()


def discovery(request, _):
    if b"dn:NetworkVideoTransmitter" not in request:
        return None
    return (f'<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Header/><s:Body><d:ProbeMatches><d:ProbeMatch>'
            f"<a:EndpointReference><a:Address>urn:uuid:1</a:Address></a:EndpointReference>"
            f"<d:Types>dn:NetworkVideoTransmitter</d:Types><d:Scopes>onvif://www.onvif.org/Profile/Streaming</d:Scopes>"
            f"<d:XAddrs>http://192.168.50.104/not-me http://{HERE}/onvif/device_service</d:XAddrs></d:ProbeMatch>"
            f"</d:ProbeMatches></s:Body></s:Envelope>").encode()


def bacnet(request, _):
    if request[6] == 0x10:
        return bytes.fromhex("810a0014 0100 1000 c4020004d2 220400 9103 2105".replace(" ", ""))
    texts = {70: b"B-70", 121: b"B-Vendor", 44: b"B-1.2"}
    text = b"\0" + texts[request[16]]
    body = bytes.fromhex("0100 3001 0c 0c020004d2 19".replace(" ", "")) + bytes([request[16], 0x3E, 0x75, len(text)]) + text + b"\x3F"
    return struct.pack(">BBH", 0x81, 0x0A, len(body) + 4) + body


def snmp(request, _):
    def wrap(tag, body):
        return bytes([tag, len(body)]) + body
    bindings = wrap(0x30, wrap(6, bytes([0x2B, 6, 1, 2, 1, 1, 1, 0])) + wrap(4, b"AXIS M3045-V; 9.80.1"))
    response = wrap(0xA2, wrap(2, b"\1") + wrap(2, b"\0") + wrap(2, b"\0") + wrap(0x30, bindings))
    return wrap(0x30, wrap(2, b"\1") + wrap(4, b"public") + response)


def coap(request, _):
    return bytes([0x50, 0x45]) + request[2:4] + bytes([0xC1, 40, 0xFF]) + b'</sensors/temp>;rt="temperature"'


def list_identity(request, _):
    name = b"1756-ENBT/A"
    item = struct.pack("<H", 1) + bytes(16) + struct.pack("<HHHBBHI", 1, 12, 58, 6, 6, 0, 1) + bytes([len(name)]) + name + b"\3"
    body = struct.pack("<HHH", 1, 0x0C, len(item)) + item
    return struct.pack("<HH", 0x63, len(body)) + request[4:24] + body


def serve_udp(port, answer):
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind((HERE, port))
    while True:
        data, sender = server.recvfrom(65535)
        note("udp", port, data)
        reply = answer(data, sender)
        if reply:
            server.sendto(reply, sender)


def read_request(connection):
    data = b""
    connection.settimeout(3)
    try:
        while not (b"\r\n\r\n" in data and len(data) >= data.index(b"\r\n\r\n") + 4 + length(data)):
            part = connection.recv(65536)
            if not part:
                break
            data += part
    except OSError:
        pass
    return data


def length(data):
    for line in data.split(b"\r\n\r\n")[0].lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.split(b":")[1])
    return 0


def converse(connection, port, answer, banner):
    try:
        if options.reset:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            note("tcp", port, b"")
            return
        if port == 443:
            connection = context.wrap_socket(connection, server_side=True)
        if banner:
            connection.sendall(banner)
            connection.settimeout(10)
            note("tcp", port, connection.recv(65536))
            return
        data = connection.recv(65536) if port == 502 else read_request(connection)
        note("tcp", port, data)
        connection.sendall(answer(data))
        if port != 443:
            connection.shutdown(socket.SHUT_WR)
            connection.settimeout(5)
            while connection.recv(65536):
                pass
    except OSError as error:
        print("error", port, error, file=sys.stderr)
    finally:
        connection.close()


def serve_tcp(port, answer, banner=None):
    server = socket.create_server((HERE, port))
    while True:
        connection, _ = server.accept()
        threading.Thread(target=converse, args=(connection, port, answer, banner), daemon=True).start()


if options.certificate:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.load_cert_chain(options.certificate, options.key)
DATAGRAMS = [(5353, mdns), (1900, ssdp), (3702, discovery), (47808, bacnet), (161, snmp), (5683, coap), (44818, list_identity)]
STREAMS = [(80, page, None), (49152, description, None), (554, rtsp, None), (502, modbus, None),
           (22, None, b"SSH-2.0-dropbear_2019.78\r\n"), (23, None, b"\xff\xfd\x01\r\nAxis login: ")]
if options.certificate:
    STREAMS.append((443, page, None))
if not options.reset:
    for number, reply in DATAGRAMS:
        threading.Thread(target=serve_udp, args=(number, reply), daemon=True).start()
for number, reply, greeting in STREAMS:
    threading.Thread(target=serve_tcp, args=(number, reply, greeting), daemon=True).start()
print("answering", flush=True)
threading.Event().wait()
