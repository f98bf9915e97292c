"""A backup made by the command, restored by the command, in folders and processes of their own."""

import json
import os
import sqlite3
import subprocess
import sys
import tarfile

import pytest

from tests.fixtures_card import CardProvider

pytestmark = pytest.mark.process


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A data folder in which the service was prepared once, and a card provider beside it."""
    data = tmp_path_factory.mktemp("backup") / "data"
    data.mkdir(mode=0o700)
    card = CardProvider(data.parent)
    (data / "card-provider-secret").write_text(card.secret)
    (data / "card-provider-secret").chmod(0o600)
    card.start()
    ended = subprocess.run(
        [sys.executable, "-m", "hanaper.processes.prepare"], env=environment(data), capture_output=True
    )
    assert ended.returncode == 0, ended.stderr
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HANAPER_CARD_PROVIDER_URL", card.url)
        yield data
    card.stop()


def environment(data) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL",)}
    kept.pop("DJANGO_SETTINGS_MODULE", None)
    return {**kept, "HANAPER_DATA": str(data), "HANAPER_MODE": "sandbox"}


def hanaper(data, *words, status=0):
    command = [sys.executable, "-m", "hanaper.faces.cli.main", "--json", *map(str, words)]
    ended = subprocess.run(command, env=environment(data), capture_output=True, text=True)
    assert ended.returncode == status, ended.stderr
    return json.loads(ended.stdout if status == 0 else ended.stderr)


def rows(data, query):
    with sqlite3.connect(data / "hanaper.sqlite3") as database:
        return database.execute(query).fetchall()


def test_there_and_back(folder, tmp_path):
    file = tmp_path / "backup.tar.gz"
    made = hanaper(folder, "backup", "create", file, "--with-keys")
    assert (made["database"], made["with_keys"]) == ("sqlite", True)
    assert file.stat().st_mode & 0o077 == 0
    assert hanaper(folder, "backup", "create", file, status=1)["error"]["code"] == "file_exists"

    before = hanaper(folder, "authority", "list")
    new = tmp_path / "new"
    assert hanaper(new, "backup", "restore", file)["missing_master_keys"] == []
    for path in ("secret-key", *(f"master-keys/{each.name}" for each in (folder / "master-keys").iterdir())):
        assert (new / path).read_bytes() == (folder / path).read_bytes()
        assert (new / path).stat().st_mode & 0o077 == 0
    assert [one["id"] for one in hanaper(new, "authority", "list")] == [one["id"] for one in before]
    refused = hanaper(new, "authority", "publish", "builtin-issuing", status=1)
    assert refused["error"]["code"] == "in_recovery"

    # Somebody had fetched a list with this number: the next one is above it.
    assert hanaper(new, "backup", "finish")["authorities"] == 2
    after = hanaper(new, "authority", "publish", "builtin-issuing")
    assert after["crl_number"] > before[1]["crl_number"]
    assert hanaper(new, "backup", "finish", status=1)["error"]["code"] == "not_in_recovery"


def test_without_keys_nothing_opens_and_it_is_told(folder, tmp_path):
    file = tmp_path / "backup.tar.gz"
    hanaper(folder, "backup", "create", file)
    with tarfile.open(file) as tar:
        names = tar.getnames()
    assert "database.sqlite3" in names
    assert any(name.startswith("published/crl/") for name in names)
    assert not any("key" in name or "secret" in name for name in names)
    missing = hanaper(tmp_path / "new", "backup", "restore", file)["missing_master_keys"]
    assert missing == [each.name for each in (folder / "master-keys").iterdir()]


def test_what_is_there_is_replaced_only_by_force(folder, tmp_path):
    file = tmp_path / "backup.tar.gz"
    hanaper(folder, "backup", "create", file)
    published = next((folder / "published" / "crl").iterdir())
    hanaper(folder, "authority", "publish", published.stem)
    newer = published.read_bytes()
    assert hanaper(folder, "backup", "restore", file, status=1)["error"]["code"] == "not_empty"
    assert rows(folder, "SELECT count(*) FROM recovery_recovery") == [(0,)]
    hanaper(folder, "backup", "restore", file, "--force")
    assert published.read_bytes() == newer  # clients have seen it
    assert rows(folder, "SELECT count(*) FROM recovery_recovery WHERE finished_at IS NULL") == [(1,)]
    hanaper(folder, "backup", "finish")


@pytest.mark.parametrize("content", [b"", b"no tar", b"\x1f\x8b\x08\x00"])
def test_what_is_no_backup_changes_nothing(folder, tmp_path, content):
    file = tmp_path / "backup.tar.gz"
    file.write_bytes(content)
    assert hanaper(folder, "backup", "restore", file, "--force", status=1)["error"]["code"] == "no_backup"
    assert hanaper(folder, "authority", "list")


def test_one_that_was_cut_off_changes_nothing(folder, tmp_path):
    file, cut = tmp_path / "backup.tar.gz", tmp_path / "cut.tar.gz"
    hanaper(folder, "backup", "create", file)
    cut.write_bytes(file.read_bytes()[:-2000])
    assert hanaper(folder, "backup", "restore", cut, "--force", status=1)["error"]["code"] == "no_backup"
    assert rows(folder, "SELECT count(*) FROM recovery_recovery WHERE finished_at IS NULL") == [(0,)]


def test_members_that_lead_elsewhere_are_left(folder, tmp_path):
    file, evil = tmp_path / "backup.tar.gz", tmp_path / "evil.tar.gz"
    hanaper(folder, "backup", "create", file)
    with tarfile.open(file) as tar, tarfile.open(evil, "w:gz") as out:
        for member in tar.getmembers():
            out.addfile(member, tar.extractfile(member))
        for name in ("../escaped", "/tmp/hanaper-escaped", "published/crl/../../../escaped.crl", "escaped"):
            out.addfile(tarfile.TarInfo(name))
        link = tarfile.TarInfo("published/crl/ca_x.crl")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        out.addfile(link)
    new = tmp_path / "deep" / "new"
    hanaper(new, "backup", "restore", evil)
    assert not list(tmp_path.rglob("*escaped*"))
    assert not list(new.rglob("ca_x.crl"))
