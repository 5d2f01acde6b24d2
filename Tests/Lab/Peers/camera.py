"""A camera's own servers: RTSP (RFC 2326; OPTIONS and DESCRIBE) on 554, and its web page on 80."""
import argparse
import socketserver
import threading

SDP = "v=0\r\no=- 0 0 IN IP4 0.0.0.0\r\ns=Media Presentation\r\nt=0 0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"


class RTSP(socketserver.StreamRequestHandler):
    timeout = 30

    def handle(self):
        while True:
            request, headers = read_head(self.rfile)
            if request is None:
                return
            answer = f"RTSP/1.0 200 OK\r\nCSeq: {headers.get('cseq', '0')}\r\nServer: {options.rtsp}\r\n"
            method = request.split(" ")[0]
            if method == "OPTIONS":
                answer += "Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN\r\n\r\n"
            elif method == "DESCRIBE":
                answer += f"Content-Type: application/sdp\r\nContent-Length: {len(SDP)}\r\n\r\n{SDP}"
            else:
                answer = f"RTSP/1.0 405 Method Not Allowed\r\nCSeq: {headers.get('cseq', '0')}\r\n\r\n"
            self.wfile.write(answer.encode())


class Web(socketserver.StreamRequestHandler):
    timeout = 30

    def handle(self):
        request, _ = read_head(self.rfile)
        if request is None:
            return
        page = f"<!DOCTYPE html><html><head><title>{options.title}</title></head><body>Live view</body></html>\n"
        head = (f"HTTP/1.1 200 OK\r\nServer: {options.web}\r\nContent-Type: text/html\r\n"
                f"Content-Length: {len(page)}\r\nConnection: close\r\n\r\n")
        self.wfile.write((head + page).encode())


def read_head(stream):
    try:
        request = stream.readline(4096).decode("latin-1").strip()
        headers = {}
        for _ in range(64):
            line = stream.readline(4096).decode("latin-1").strip()
            if not line:
                break
            name, _, value = line.partition(":")
            headers[name.strip().lower()] = value.strip()
    except OSError:
        return None, {}
    return (request or None), headers


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


parser = argparse.ArgumentParser()
parser.add_argument("--rtsp", default="GStreamer RTSP server")
parser.add_argument("--web", default="Apache/2.4.54 (Unix)")
parser.add_argument("--title", default="AXIS M3045-V Network Camera")
options = parser.parse_args()
threading.Thread(target=Server(("", 554), RTSP).serve_forever, daemon=True).start()
print("serving", flush=True)
Server(("", 80), Web).serve_forever()
