"""A token of SoftHSM in a folder of its own, and the keystore that lives in it."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from hanaper.apps.authority import keystores
from hanaper.apps.authority.keystores.pkcs11 import Pkcs11Keystore

LABEL, PIN = "hanaper tests", "correct-horse-1234"
LIBRARIES = [
    *Path("/usr/lib").glob("softhsm/libsofthsm2.so"),
    *Path("/usr/lib").glob("*/softhsm/libsofthsm2.so"),
]


@pytest.fixture(scope="session")
def token_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the token is kept; without SoftHSM the test is skipped."""
    if not shutil.which("softhsm2-util") or not LIBRARIES:
        pytest.skip("needs SoftHSM: apt-get install softhsm2")
    folder = tmp_path_factory.mktemp("softhsm")
    (folder / "tokens").mkdir()
    (folder / "softhsm2.conf").write_text(f"directories.tokendir = {folder}/tokens\nlog.level = ERROR\n")
    os.environ["SOFTHSM2_CONF"] = str(folder / "softhsm2.conf")
    command = ["softhsm2-util", "--init-token", "--free", "--label", LABEL, "--so-pin", PIN, "--pin", PIN]
    subprocess.run(command, check=True, capture_output=True)
    return folder / "tokens"


def open_token(pin: str = PIN) -> Pkcs11Keystore:
    return Pkcs11Keystore(str(LIBRARIES[0]), LABEL, pin)


@pytest.fixture
def token(db: None, token_folder: Path, settings, monkeypatch) -> Iterator[Pkcs11Keystore]:
    """The keystore `pkcs11` of this test."""
    settings.KEYSTORES = ["database", "pkcs11"]
    store = open_token()
    monkeypatch.setitem(keystores._keystores, "pkcs11", store)
    return store
