"""Tells the categories of merchants over HTTP: a service that a job asks while it runs, and that a fault can take from it.

GET /merchants?ids=m-0001,m-0002  {"m-0001": {"category": "fuel"}, ...}: an id has the same category for ever
GET /health                       {"status": "ok", "python": "3.11.2"}

Argument: seconds to wait before every answer. SIGTERM: what is being answered is still answered, then it ends with 0.
"""
import json
import pathlib
import platform
import signal
import socketserver
import sys
import threading
import time
import zlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

PORT = 8080
DELAY_S = float(sys.argv[1])
CATEGORIES = pathlib.Path(__file__).with_name("categories.txt").read_text().split()
# Ids of one question: as many as fit well into the longest line that the parser takes (64 KiB).
MOST_IDS = 1000
# Answers at a time; whoever comes later waits. A thread costs some 10 KB, so the bound is on what they do.
SLOTS = 64
# A client that was cut off says nothing more: its thread ends then.
IDLE_S = 60
# Longest wait for what is being answered, at the end: twice the longest delay.
LAST_S = 2

slots = threading.Semaphore(SLOTS)


def category(merchant):
    """The category of a merchant, from its id alone."""
    return CATEGORIES[zlib.crc32(merchant.encode()) % len(CATEGORIES)]


def answer(path):
    """Status and body for a path with its query."""
    asked = urlsplit(path)
    if asked.path == "/health":
        return 200, {"status": "ok", "python": platform.python_version()}
    if asked.path != "/merchants":
        return 404, {"error": "ask for /merchants?ids=... or /health"}
    ids = [one for part in parse_qs(asked.query).get("ids", []) for one in part.split(",") if one]
    if not 1 <= len(ids) <= MOST_IDS:
        return 400, {"error": f"name 1 to {MOST_IDS} merchants, not {len(ids)}"}
    return 200, {one: {"category": category(one)} for one in ids}


class Handler(BaseHTTPRequestHandler):
    """One connection, kept for as many questions as the client has."""

    protocol_version = "HTTP/1.1"
    # Head and body leave together: in two packets the second would wait for the client's delayed ack of the first.
    wbufsize = -1
    disable_nagle_algorithm = True
    timeout = IDLE_S

    def do_GET(self):
        with slots:
            time.sleep(DELAY_S)
            status, told = answer(self.path)
            body = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
            self.wfile.flush()

    def log_request(self, code="-", size="-"):
        """Says nothing: a line for every question would drown what matters."""


class Server(ThreadingHTTPServer):
    """A thread for every connection."""

    request_queue_size = 128

    def server_bind(self):
        # Not the parent's: it looks its own name up, and a cut network would hold the start up.
        socketserver.TCPServer.server_bind(self)

    def handle_error(self, request, client_address):
        # A client that went away is one line, not a stack trace.
        print(f"{client_address[0]}: {sys.exc_info()[1]!r}", file=sys.stderr, flush=True)


def main():
    ends = {signal.SIGTERM, signal.SIGINT}
    # Before any thread is there, so that none but the wait below gets them.
    signal.pthread_sigmask(signal.SIG_BLOCK, ends)
    server = Server(("", PORT), Handler)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    print(f"answers on port {PORT} after {DELAY_S} s", flush=True)
    signal.sigwait(ends)
    server.shutdown()
    server.server_close()
    end = time.monotonic() + LAST_S
    done = all(slots.acquire(timeout=max(0, end - time.monotonic())) for _ in range(SLOTS))
    print("ends; everything was answered" if done else "ends; something was not answered", flush=True)


if __name__ == "__main__":
    main()
