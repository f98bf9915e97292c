"""The guarded client against real servers: what must not be reached, and what must not last."""

import ssl
import subprocess
import time
from collections.abc import Callable, Iterator

import dns.message
import dns.rrset
import pytest

from hanaper.demo.world import WebServer
from hanaper.sandbox_dns.name_server import NameServer
from hanaper.storage.guarded import Fetched, Guarded, fetch, post, refuse_address
from tests.storage.servers import RawServer, Rebinding, Script, endlessly, redirect, says

NAME = "www.example.test"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@pytest.fixture
def names() -> Iterator[NameServer]:
    server = NameServer()
    server.records[(NAME, "A")] = ["127.0.0.1"]
    yield server
    server.close()


@pytest.fixture
def serve() -> Iterator[Callable[[Script], RawServer]]:
    running: list[RawServer] = []

    def start(script: Script) -> RawServer:
        running.append(RawServer(script))
        return running[-1]

    yield start
    for server in running:
        server.close()


@pytest.fixture
def authority_of_tests(tmp_path) -> Callable[[str], tuple[ssl.SSLContext, ssl.SSLContext]]:
    """For a name, what its server and a client that trusts it need."""

    def make(name: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
        key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
        command = (
            "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=test"
        )
        extension = ["-addext", f"subjectAltName=DNS:{name}", "-keyout", str(key), "-out", str(certificate)]
        subprocess.run([*command.split(), *extension], check=True, capture_output=True)
        server_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        server_side.load_cert_chain(certificate, key)
        client_side = ssl.create_default_context(cafile=str(certificate))
        client_side.verify_flags &= ~ssl.VERIFY_X509_STRICT
        return server_side, client_side

    return make


def look(names: NameServer, port: int, path: str = "/", **options) -> Fetched:
    options = {"allow_loopback": True, "seconds": 5, "ports": {80, 443, port}, **options}
    return fetch(f"http://{NAME}:{port}{path}", resolvers=[names.address], **options)


def refused(names: NameServer, url: str, **options) -> str:
    options = {"allow_loopback": True, "seconds": 5, "ports": {80, 443}, **options}
    with pytest.raises(Guarded) as caught:
        fetch(url, resolvers=[names.address], **options)
    assert "127.0.0.1" not in caught.value.message
    assert "10.0.0" not in caught.value.message
    return caught.value.code


def test_a_file_is_found(names):
    server = WebServer()
    server.files[(NAME, "/a?b=c")] = "hello"
    found = look(names, server.port, "/a?b=c")
    assert (found.status, found.body, found.address) == (200, b"hello", "127.0.0.1")
    assert found.url == f"http://{NAME}:{server.port}/a?b=c"
    assert look(names, server.port, "/other").status == 404
    server.close()


def test_loopback_is_reached_only_where_allowed(names, serve):
    server = serve(says(OK))
    url = f"http://{NAME}:{server.port}/"
    assert refused(names, url, ports={server.port}, allow_loopback=False) == "no_public_address"
    assert server.heads == []


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("A", ["10.0.0.1"]),
        ("A", ["169.254.169.254"]),
        ("A", ["100.64.0.1"]),
        ("A", ["0.0.0.0"]),
        ("A", ["127.0.0.1", "10.0.0.1"]),
        ("AAAA", ["::ffff:127.0.0.1"]),
        ("AAAA", ["::ffff:a00:1"]),
        ("AAAA", ["64:ff9b::a00:1"]),
        ("AAAA", ["2002:7f00:1::1"]),
        ("AAAA", ["2001:0:4136:e378::1"]),
        ("AAAA", ["fe80::1"]),
        ("AAAA", ["fd00::1"]),
        ("AAAA", ["ff02::1"]),
        ("AAAA", ["::"]),
    ],
)
def test_a_name_that_leads_inside_is_refused_even_in_a_sandbox(names, kind, values):
    del names.records[(NAME, "A")]
    names.records[(NAME, kind)] = values
    assert refused(names, f"http://{NAME}/") == "no_public_address"


def test_one_address_inside_spoils_the_good_ones(names):
    names.records[(NAME, "AAAA")] = ["fd00::1"]
    assert refused(names, f"http://{NAME}/") == "no_public_address"


def test_names_inside_and_names_that_do_not_exist_are_told_alike(names):
    def told(name: str) -> tuple[str, str]:
        with pytest.raises(Guarded) as caught:
            fetch(f"http://{name}/", resolvers=[names.address], allow_loopback=False)
        return caught.value.code, caught.value.message.replace(name, "NAME")

    names.records[("db.inside.test", "A")] = ["10.0.0.5"]
    assert told("db.inside.test") == told("nothing.inside.test")


def test_a_cname_to_the_inside_is_refused(names):
    original = names.answer

    def with_cname(data: bytes) -> bytes | None:
        response = dns.message.from_wire(original(data) or b"")
        question = response.question[0]
        if question.name.to_text() == NAME + "." and question.rdtype == 1:
            response.answer = [
                dns.rrset.from_text(NAME + ".", 1, "IN", "CNAME", "db.inside.test."),
                dns.rrset.from_text("db.inside.test.", 1, "IN", "A", "10.0.0.5"),
            ]
        return response.to_wire()

    names.answer = with_cname
    assert refused(names, f"http://{NAME}/") == "no_public_address"


def test_the_address_that_was_checked_is_the_one_connected_to(serve):
    server = serve(says(OK))
    names = Rebinding(NAME, ["127.0.0.1", "10.0.0.1"])
    assert look(names, server.port).address == "127.0.0.1"
    assert [kind for _, kind in names.queries] == ["A", "AAAA"]  # resolved once
    assert refused(names, f"http://{NAME}:{server.port}/", ports={server.port}) == "no_public_address"
    names.close()


SPELLINGS = """
127.0.0.1 127.1 2130706433 0x7f000001 0x7f.1 0177.0.0.1 017700000001 127.0.0.0x1 10.0.0.1. 127.0.0.1.. [::1]
[::ffff:127.0.0.1] [64:ff9b::7f00:1] [fe80::1%25eth0] 169.254.169.254 8.8.8.8 0 0x
"""


@pytest.mark.parametrize("host", SPELLINGS.split())
def test_addresses_in_any_spelling_are_no_names(names, host):
    assert refused(names, f"http://{host}/") in ("address_not_name", "bad_address")
    assert names.queries == []


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost/",
        "http://intranet/",
        "http:///path",
        "http://user@www.example.test/",
        "http://www.example.test@evil.test/",
        "http://www.example.test\\@evil.test/",
        "http://www.exam\tple.test/",
        "http://www.example.test/\r\nHost: other",
        "http://www.example.test/a b",
        "http://\uff11\uff12\uff17.0.0.1/",
        "http://\u24dbocalhost.test/",
        "http://%31%32%37.0.0.1.test/",
        "http://-a.example.test/",
        "http://a..example.test/",
        "http://www.example.test:99999/",
        "http://www.example.test:x/",
        "http://[::1/",
        "http://" + "a" * 64 + ".test/",
        "http://www.example.test/" + "a" * 3000,
    ],
)
def test_tricks_of_spelling_are_refused_before_anything_is_asked(names, url):
    assert refused(names, url) == "bad_address"
    assert names.queries == []


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("ftp://www.example.test/", "bad_scheme"),
        ("file:///etc/passwd", "bad_scheme"),
        ("gopher://www.example.test/", "bad_scheme"),
        ("www.example.test", "bad_scheme"),
        ("http://www.example.test:22/", "bad_port"),
        ("https://www.example.test:5432/", "bad_port"),
        ("http://www.example.test:0/", "bad_port"),
    ],
)
def test_other_schemes_and_ports_are_refused(names, url, code):
    assert refused(names, url) == code


@pytest.mark.parametrize(
    ("to", "code"),
    [
        ("http://10.0.0.1/", "address_not_name"),
        ("http://[::1]/", "address_not_name"),
        ("http://2130706433/", "address_not_name"),
        ("http://db.inside.test/", "no_public_address"),
        ("//db.inside.test/", "no_public_address"),
        ("http://www.example.test:22/", "bad_port"),
        ("file:///etc/passwd", "bad_scheme"),
        ("http://user:secret@www.example.test/", "bad_address"),
    ],
)
@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "307 Temporary Redirect", "308 Permanent"])
def test_a_redirect_to_the_inside_is_refused(names, serve, to, code, status):
    names.records[("db.inside.test", "A")] = ["10.0.0.5"]
    server = serve(redirect(to, status))
    assert refused(names, f"http://{NAME}:{server.port}/", ports={80, 443, server.port}) == code
    assert len(server.heads) == 1


def test_redirects_are_followed_so_far_and_no_further(names, serve):
    last = serve(says(OK))
    first = serve(redirect(f"http://{NAME}:{last.port}/there"))
    ports = {first.port, last.port}
    found = look(names, first.port, ports=ports)
    assert (found.body, found.url) == (b"ok", f"http://{NAME}:{last.port}/there")
    round_and_round = serve(redirect("/again"))
    with pytest.raises(Guarded) as caught:
        look(names, round_and_round.port, redirects=2)
    assert caught.value.code == "too_many_redirects"
    assert len(round_and_round.heads) == 3
    assert look(names, serve(redirect("/other", "303 See Other")).port).status == 303


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    "script",
    [
        says(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n" + b"a" * 300_000),
        says(b"HTTP/1.1 200 OK\r\nContent-Length: 70000\r\n\r\n" + b"a" * 70_000),
        endlessly(b"a" * 10_000, b"HTTP/1.1 200 OK\r\n\r\n"),
        endlessly(b"2710\r\n" + b"a" * 10_000 + b"\r\n", CHUNKED),
        endlessly(b"1\r\na\r\n" * 1000, CHUNKED),
        endlessly(b"a" * 10_000, CHUNKED + b"1;extension="),
        endlessly(b"X-Filler: " + b"a" * 1000 + b"\r\n", b"HTTP/1.1 200 OK\r\n"),
        endlessly(b"HTTP/1.1 100 Continue\r\n\r\n"),
        endlessly(b"a" * 10_000),
    ],
)
def test_a_huge_answer_is_cut_off(names, serve, script):
    with pytest.raises(Guarded) as caught:
        look(names, serve(script).port)
    assert caught.value.code in ("too_big", "broken_answer")


@pytest.mark.parametrize(
    "script",
    [
        endlessly(b"a", b"HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n", pause=0.05),
        endlessly(b"1\r\na\r\n", CHUNKED, pause=0.05),
        endlessly(b"a", b"HTTP/1.1 200 OK\r\nX-Slow: ", pause=0.05),
        endlessly(b"", pause=0.5),
    ],
)
def test_a_slow_answer_is_cut_off(names, serve, script):
    with pytest.raises(Guarded) as caught:
        look(names, serve(script).port, seconds=0.5)
    assert caught.value.code == "timeout"


def test_slow_redirects_share_one_time(names, serve):
    def slow(connection):
        time.sleep(0.3)
        redirect("/again")(connection)

    with pytest.raises(Guarded) as caught:
        look(names, serve(slow).port, seconds=0.5, redirects=20)
    assert caught.value.code == "timeout"


@pytest.mark.parametrize(
    "script",
    [
        says(b""),
        says(b"SSH-2.0-OpenSSH_9.9\r\n"),
        says(b"HTTP/1.1 999999 Many\r\n\r\n"),
        says(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nok"),
        says(CHUNKED + b"zz\r\n"),
        says(CHUNKED + b"5\r\nok"),
    ],
)
def test_what_is_no_http_is_told_as_such(names, serve, script):
    with pytest.raises(Guarded) as caught:
        look(names, serve(script).port)
    assert caught.value.code == "broken_answer"


def test_nobody_listens_and_nobody_answers(names):
    server = RawServer(says(OK))
    server.close()
    time.sleep(0.05)
    assert refused(names, f"http://{NAME}:{server.port}/", ports={server.port}) == "no_connection"
    names.answer = lambda data: None
    assert refused(names, f"http://{NAME}/", seconds=0.5) == "timeout"


def test_https_needs_a_certificate_for_the_name(names, authority_of_tests):
    server_side, client_side = authority_of_tests(NAME)
    server = RawServer(says(OK), tls=server_side)
    url = f"https://{NAME}:{server.port}/"
    found = fetch(url, resolvers=[names.address], allow_loopback=True, ports={server.port}, tls=client_side)
    assert (found.body, found.url) == (b"ok", url)
    # Not trusted by the system, and not for another name.
    assert refused(names, url, ports={server.port}) == "bad_tls"
    names.records[("other.example.test", "A")] = ["127.0.0.1"]
    other = f"https://other.example.test:{server.port}/"
    assert refused(names, other, ports={server.port}, tls=client_side) == "bad_tls"
    server.close()


def test_a_tls_handshake_that_stalls_is_cut_off(names):
    server = RawServer(says(OK))  # waits for a head that never comes
    url = f"https://{NAME}:{server.port}/"
    assert refused(names, url, ports={server.port}, seconds=0.5) == "timeout"
    server.close()


def posted(names: NameServer, port: int, body: bytes = b"{}", **options) -> Fetched:
    options = {"allow_loopback": True, "seconds": 2, "ports": {port}, **options}
    return post(f"http://{NAME}:{port}/a?b", body, {"X-Mine": "1"}, resolvers=[names.address], **options)


def test_a_post_carries_its_body_and_any_status_is_an_answer(names, serve):
    server = serve(says(b"HTTP/1.1 503 No\r\nContent-Length: 4\r\n\r\nbusy"))
    found = posted(names, server.port)
    assert (found.status, found.body) == (503, b"busy")
    head = server.heads[0]
    assert head.startswith(b"POST /a?b HTTP/1.1\r\n") and b"X-Mine: 1\r\n" in head
    assert b"Content-Length: 2\r\n" in head


def test_a_post_follows_no_redirect(names, serve):
    other = serve(says(OK))
    server = serve(redirect(f"http://{NAME}:{other.port}/"))
    assert posted(names, server.port, ports={server.port, other.port}).status == 302
    assert other.heads == []


def test_a_status_counts_whatever_its_body_does(names, serve):
    endless = serve(endlessly(b"x" * 1000, b"HTTP/1.1 200 OK\r\n\r\n"))
    assert len(posted(names, endless.port, max_bytes=4096).body) <= 4096
    silent = serve(endlessly(b"", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", pause=0.1))
    assert posted(names, silent.port, seconds=1).status == 200


def test_a_post_to_an_address_inside_is_refused(names, serve):
    server = serve(says(OK))
    with pytest.raises(Guarded) as caught:
        posted(names, server.port, allow_loopback=False)
    assert caught.value.code == "no_public_address" and server.heads == []


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_this_machine_by_its_own_name_only_where_loopback_is_allowed(names, serve, host):
    server = serve(says(OK))
    url = f"http://{host}:{server.port}/"
    given = {"resolvers": [names.address], "ports": {server.port}}
    assert post(url, b"", {}, allow_loopback=True, **given).status == 200
    for call in (
        lambda: post(url, b"", {}, allow_loopback=False, **given),
        lambda: fetch(url, allow_loopback=True, **given),
        lambda: refuse_address(url, allow_loopback=False, ports={server.port}),
    ):
        with pytest.raises(Guarded):
            call()
    refuse_address(url, allow_loopback=True, ports={server.port})
