"""A root of somebody else's, kept by openssl in a folder."""

import subprocess
from datetime import datetime, timedelta
from pathlib import Path

CA = "basicConstraints=critical,CA:TRUE,pathlen:0\nkeyUsage=critical,keyCertSign,cRLSign\n"
IDENTIFIED = "subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n"
CONFIG = """
[req]
distinguished_name = name
prompt = no
[name]
CN = Outside Root
[ca]
default_ca = ours
[ours]
database = index.txt
new_certs_dir = .
default_md = sha256
policy = any
rand_serial = yes
unique_subject = no
[any]
organizationName = optional
commonName = supplied
"""


class OutsideRoot:
    """Signs requests from the day before `at` until `ends`, two years later."""

    def __init__(self, folder: Path, at: datetime) -> None:
        folder.mkdir()
        self.folder, self.begins, self.ends = folder, at - timedelta(days=1), at + timedelta(days=730)
        (folder / "ca.cnf").write_text(CONFIG)
        (folder / "index.txt").touch()
        command = "req -new -newkey rsa:2048 -nodes -keyout root.key -out root.csr -config ca.cnf"
        self._openssl(*command.split())
        extensions = CA.replace(",pathlen:0", "") + IDENTIFIED
        self._sign("root.csr", "root.pem", extensions, "-selfsign")

    @property
    def pem(self) -> str:
        return (self.folder / "root.pem").read_text()

    def sign(self, csr: str, extensions: str = CA + IDENTIFIED) -> str:
        """What comes back: the signed certificate, and the root."""
        (self.folder / "ca.csr").write_text(csr)
        self._sign("ca.csr", "ca.pem", extensions, "-cert", "root.pem")
        return (self.folder / "ca.pem").read_text() + self.pem

    def _sign(self, csr: str, out: str, extensions: str, *by: str) -> None:
        (self.folder / "extensions").write_text(extensions)
        times = "-startdate", f"{self.begins:%Y%m%d%H%M%SZ}", "-enddate", f"{self.ends:%Y%m%d%H%M%SZ}"
        common = "ca -batch -notext -preserveDN -config ca.cnf -keyfile root.key -extfile extensions"
        self._openssl(*common.split(), *times, "-in", csr, "-out", out, *by)

    def _openssl(self, *command: str) -> None:
        done = subprocess.run(["openssl", *command], cwd=self.folder, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
