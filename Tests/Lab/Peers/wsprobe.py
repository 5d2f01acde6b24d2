"""Looks for cameras as a video recorder does: one WS-Discovery Probe, and prints the scopes of who answers."""
import re
import socket
import sys
import uuid

PROBE = f"""<?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" \
xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing"><s:Header><a:MessageID>uuid:{uuid.uuid4()}</a:MessageID>\
<a:To>urn:schemas-xmlsoap-org:ws:2005:04:discovery</a:To>\
<a:Action>http://schemas.xmlsoap.org/ws/2005/04/discovery/Probe</a:Action></s:Header><s:Body>\
<d:Probe xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery"><d:Types \
xmlns:dn="http://www.onvif.org/ver10/network/wsdl">dn:NetworkVideoTransmitter</d:Types></d:Probe></s:Body></s:Envelope>"""

client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
client.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(sys.argv[1]))
client.settimeout(3)
client.sendto(PROBE.encode(), ("239.255.255.250", 3702))
try:
    data, sender = client.recvfrom(65535)
except TimeoutError:
    sys.exit("nobody answered the probe")
print(sender[0], re.search(rb"Scopes>([^<]*)<", data)[1].decode())
