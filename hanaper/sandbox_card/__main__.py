"""`python -m hanaper.sandbox_card`: run the SANDBOX card provider on loopback until SIGTERM."""

import argparse
import signal
import sys
import threading
from pathlib import Path

from hanaper.sandbox_card.behaviour import Provider
from hanaper.sandbox_card.deliveries import Deliveries
from hanaper.sandbox_card.server import Server
from hanaper.sandbox_card.store import Store


def main() -> int:
    parser = argparse.ArgumentParser(description="SANDBOX card provider; moves no money.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--database", required=True)
    parser.add_argument("--secret-file", required=True)
    parser.add_argument("--webhook-url", default="")
    parser.add_argument("--delay", type=float, default=0.5, help="seconds until what happens later does")
    parser.add_argument("--prune-seconds", type=float, default=86400.0)
    options = parser.parse_args()
    secret = Path(options.secret_file).read_text().strip()
    provider = Provider(Store(options.database), options.delay)
    server = Server(options.port, provider, secret)
    Deliveries(provider, options.webhook_url, secret, options.prune_seconds).start()
    # shutdown() waits for serve_forever, which runs in this very thread: another one must call it.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: threading.Thread(target=server.shutdown).start())
    sys.stderr.write(f"SANDBOX card provider on 127.0.0.1:{options.port}\n")
    server.serve_forever(poll_interval=0.2)
    return 0


if __name__ == "__main__":
    sys.exit(main())
