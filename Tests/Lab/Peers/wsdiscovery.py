"""An ONVIF camera's WS-Discovery target service (OASIS WS-Discovery 1.0 with the 2005/04 names, ONVIF Core section 7).

Says Hello on start and every --every seconds, and answers each Probe for a network video transmitter with its scopes.
"""
import argparse
import re
import select
import socket
import struct
import time
import urllib.parse
import uuid

GROUP, PORT = "239.255.255.250", 3702
ENVELOPE = """<?xml version="1.0" encoding="UTF-8"?>
<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing" \
xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery" xmlns:dn="http://www.onvif.org/ver10/network/wsdl">\
<s:Header><a:MessageID>urn:uuid:{message}</a:MessageID>{relates}<a:To>{to}</a:To>\
<a:Action>http://schemas.xmlsoap.org/ws/2005/04/discovery/{action}</a:Action></s:Header><s:Body>{body}</s:Body></s:Envelope>"""


def description(options, address):
    scopes = ["Profile/Streaming", "type/video_encoder", "name/" + urllib.parse.quote(options.name),
              "hardware/" + urllib.parse.quote(options.hardware), "location/"]
    return (f"<a:EndpointReference><a:Address>urn:uuid:{options.uuid}</a:Address></a:EndpointReference>"
            "<d:Types>dn:NetworkVideoTransmitter</d:Types>"
            f"<d:Scopes>{' '.join('onvif://www.onvif.org/' + scope for scope in scopes)}</d:Scopes>"
            f"<d:XAddrs>http://{address}/onvif/device_service</d:XAddrs><d:MetadataVersion>1</d:MetadataVersion>")


def own_address(interface):
    import fcntl
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        request = struct.pack("256s", interface.encode()[:15])
        return socket.inet_ntoa(fcntl.ioctl(probe.fileno(), 0x8915, request)[20:24])  # SIOCGIFADDR


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--interface", default="eth0")
    parser.add_argument("--name", default="AXIS M3045-V")
    parser.add_argument("--hardware", default="M3045-V")
    parser.add_argument("--uuid", default=str(uuid.uuid4()))
    parser.add_argument("--every", type=float, default=10)
    options = parser.parse_args()
    address = own_address(options.interface)
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind(("", PORT))
    membership = socket.inet_aton(GROUP) + socket.inet_aton(address)
    server.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, membership)
    server.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(address))
    due = 0.0
    while True:
        if time.monotonic() >= due:
            due = time.monotonic() + options.every
            body = f"<d:Hello>{description(options, address)}</d:Hello>"
            text = ENVELOPE.format(message=uuid.uuid4(), relates="", action="Hello", body=body,
                                   to="urn:schemas-xmlsoap-org:ws:2005:04:discovery")
            server.sendto(text.encode(), (GROUP, PORT))
        if not select.select([server], [], [], 0.5)[0]:
            continue
        data, sender = server.recvfrom(65535)
        message = re.search(rb"MessageID[^>]*>([^<]+)<", data)
        if b"discovery/Probe<" not in data or message is None:
            continue
        body = f"<d:ProbeMatches><d:ProbeMatch>{description(options, address)}</d:ProbeMatch></d:ProbeMatches>"
        text = ENVELOPE.format(message=uuid.uuid4(), relates=f"<a:RelatesTo>{message[1].decode()}</a:RelatesTo>",
                               action="ProbeMatches", body=body,
                               to="http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous")
        server.sendto(text.encode(), sender)
        print(f"probe match to {sender[0]}", flush=True)


main()
