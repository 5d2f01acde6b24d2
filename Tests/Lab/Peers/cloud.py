"""The internet's TLS server: answers GET with a page, and every other line with the same line (a cloud's heartbeat)."""
import argparse
import socket
import socketserver
import ssl

parser = argparse.ArgumentParser()
parser.add_argument("--certificate", required=True)
parser.add_argument("--key", required=True)
parser.add_argument("--port", type=int, default=443)
options = parser.parse_args()
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(options.certificate, options.key)


class Handler(socketserver.BaseRequestHandler):
    def handle(self):
        self.request.settimeout(60)
        try:
            with context.wrap_socket(self.request, server_side=True) as secure:
                stream = secure.makefile("rb")
                for line in stream:
                    if line.startswith(b"GET "):
                        page = b"hello from the internet\n"
                        head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(page)}\r\nConnection: close\r\n\r\n"
                        secure.sendall(head.encode() + page)
                        return
                    secure.sendall(line)
        except OSError:
            pass


class Server(socketserver.ThreadingTCPServer):
    address_family = socket.AF_INET6
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128


with Server(("::", options.port), Handler) as server:
    print("serving", flush=True)
    server.serve_forever()
