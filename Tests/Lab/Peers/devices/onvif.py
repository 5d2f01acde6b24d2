"""An ONVIF camera's WS-Discovery target service by the package WSDiscovery, and the client that looks for cameras.

    onvif.py serve ADDRESS NAME HARDWARE
    onvif.py ask
"""
import sys
import threading
import urllib.parse

from wsdiscovery import QName, Scope
from wsdiscovery.discovery import ThreadedWSDiscovery
from wsdiscovery.publishing import ThreadedWSPublishing

VIDEO = QName("http://www.onvif.org/ver10/network/wsdl", "NetworkVideoTransmitter", "dn")
PREFIX = "onvif://www.onvif.org/"

if sys.argv[1] == "serve":
    address, name, hardware = sys.argv[2:5]
    scopes = ["type/video_encoder", "Profile/Streaming", "name/" + urllib.parse.quote(name),
              "hardware/" + urllib.parse.quote(hardware)]
    server = ThreadedWSPublishing()
    server.start()
    server.publishService([VIDEO], [Scope(PREFIX + scope) for scope in scopes], [f"http://{address}/onvif/device_service"])
    print("serving", flush=True)
    threading.Event().wait()
else:
    client = ThreadedWSDiscovery()
    client.start()
    for service in client.searchServices(types=[VIDEO], timeout=3):
        print(*service.getXAddrs(), *[scope.getValue() for scope in service.getScopes()])
    client.stop()
