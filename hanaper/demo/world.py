"""The customer's side of the world: a web server of the demo's own, on loopback (DNS: `sandbox_dns`)."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any


class WebServer:
    """Serves `files`: {(host, path): text} over plain HTTP, then what stands in the folder `webroot`, for any
    host; everything else is 404."""

    webroot: Path | None = None

    def __init__(self, port: int = 0) -> None:
        self.files: dict[tuple[str, str], str] = {}
        self.requests: list[tuple[str, str]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                host = self.headers.get("Host", "").partition(":")[0].lower()
                outer.requests.append((host, self.path))
                text = outer.files.get((host, self.path))
                text = outer._kept(self.path) if text is None else text
                body = (text if text is not None else "nothing here\n").encode()
                self.send_response(200 if text is not None else 404)
                self.send_header("Content-Type", "text/plain")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing: the story is told elsewhere."""

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=[0.05], daemon=True).start()

    def _kept(self, path: str) -> str | None:
        if self.webroot is None or ".." in path:
            return None
        file = self.webroot / path.lstrip("/")
        return file.read_text() if file.is_file() else None

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
