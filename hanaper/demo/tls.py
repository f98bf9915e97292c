"""What a client makes of the certificates: openssl verifies them, a TLS server serves them."""

import re
import socket
import ssl
import subprocess
import threading
from pathlib import Path

import httpx

from hanaper.demo.stage import DemoFailed


def openssl(*arguments: str) -> str:
    done = subprocess.run(["openssl", *arguments], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise DemoFailed(f"openssl {arguments[0]}: {done.stdout}{done.stderr}")
    return done.stdout


def verify(folder: Path, leaf: str, chain: str, root: str) -> str:
    """`openssl verify` of the leaf by its chain up to the root, strictly; what it prints."""
    (folder / "leaf.pem").write_text(leaf)
    (folder / "root.pem").write_text(root)
    (folder / "intermediate.pem").write_text(chain)
    return openssl(
        "verify", "-x509_strict", "-purpose", "sslserver", "-CAfile", str(folder / "root.pem"),
        "-untrusted", str(folder / "intermediate.pem"), str(folder / "leaf.pem"),
    ).strip()  # fmt: skip


def revoked_on(folder: Path, address: str, serial: str) -> bool:
    """Whether the CRL at `address`, fetched as any client would, lists the serial."""
    (folder / "list.crl").write_bytes(httpx.get(address, timeout=5, trust_env=False).content)
    text = openssl("crl", "-inform", "DER", "-in", str(folder / "list.crl"), "-noout", "-text")
    listed = re.findall(r"Serial Number: ([0-9A-F]+)", text)
    return int(serial, 16) in {int(one, 16) for one in listed}


def crl_address(folder: Path) -> str:
    """The address of the CRL inside the leaf that was verified last."""
    text = openssl("x509", "-in", str(folder / "leaf.pem"), "-noout", "-ext", "crlDistributionPoints")
    return next(line.split("URI:")[1].strip() for line in text.splitlines() if "URI:" in line)


def serve_and_connect(folder: Path, name: str, chain: str, key: str) -> str:
    """A TLS server with the certificate, and a client that trusts the root; the protocol they agree on."""
    (folder / "fullchain.pem").write_text(chain)
    (folder / "key.pem").write_text(key)
    (folder / "key.pem").chmod(0o600)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(folder / "fullchain.pem", folder / "key.pem")
    return converse(server, ssl.create_default_context(cafile=str(folder / "root.pem")), name)


def converse(server: ssl.SSLContext, client: ssl.SSLContext, name: str) -> str:
    """A line there and back; the protocol they agree on. ssl.SSLError, the server's own, if it refuses."""
    refusals: list[ssl.SSLError] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            connection, _ = listener.accept()
            try:
                with server.wrap_socket(connection, server_side=True) as wrapped:
                    wrapped.sendall(wrapped.recv(16))
            except ssl.SSLError as error:
                refusals.append(error)

        serving = threading.Thread(target=answer, daemon=True)
        serving.start()
        answered, protocol = b"", ""
        try:
            with (
                socket.create_connection(listener.getsockname(), timeout=5) as plain,
                client.wrap_socket(plain, server_hostname=name) as wrapped,
            ):
                protocol = str(wrapped.version())
                wrapped.sendall(b"hello")
                answered = wrapped.recv(16)
        except OSError:
            # With TLS 1.3 a client learns only afterwards that it was refused: the server knows why.
            serving.join(5)
            if not refusals:
                raise
        serving.join(5)
    if refusals:
        raise refusals[0]
    if answered != b"hello":
        raise DemoFailed("the TLS server did not answer")
    return protocol
