"""Serves the files of a folder over HTTPS, as a publisher of blocklists does: with Last-Modified, and 304 for what is not newer.

    listserver.py ADDRESS PORT CERTIFICATE KEY FOLDER
"""
import functools
import http.server
import ssl
import sys

address, port, certificate, key, folder = sys.argv[1:6]
handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=folder)
server = http.server.ThreadingHTTPServer((address, int(port)), handler)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(certificate, key)
server.socket = context.wrap_socket(server.socket, server_side=True)
print("serving", flush=True)
server.serve_forever()
