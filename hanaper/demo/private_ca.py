"""The story of `hanaper demo private-ca`: from buying a root to the money back, real clients beside it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hanaper.demo import clients, enrolment
from hanaper.demo.acts import books
from hanaper.demo.clients import Held
from hanaper.demo.stage import DemoFailed, Stage
from hanaper.demo.story import Story
from hanaper.demo.teller import Teller

PASSPHRASE = "correct horse battery"  # noqa: S105 - of keys that live as long as the demo
SERVER, ENROLLED = "db.corp.test", "shop.corp.test"
WAIT_SECONDS = 25.0


@dataclass(frozen=True, slots=True)
class Bought:
    """An order of a root with its intermediate."""

    order: str
    root: str
    intermediate: str


def enabled(story: Story) -> Bought:
    story.tell.act("A root with its intermediate is bought and enabled")
    order = story.buy("private-root-ca", card="success")
    found = {one["kind"]: one["id"] for one in story.customer.get("/private-cas")["items"]}
    bought = Bought(order, found["root"], found["intermediate"])
    below = {
        "subject": {"common_name": "Corp Issuing CA"},
        "name_constraints": {"permitted": {"dns": ["corp.test"]}},
        "ocsp": True,
    }
    story.tell.refused(story.customer.refused(f"/private-cas/{bought.intermediate}/enable", below))
    story.tell.did("an intermediate waits for its root")
    _enable(story, bought.root, {"subject": {"common_name": "Corp Root"}})
    _enable(story, bought.intermediate, below)
    story.tell.saw("the intermediate may certify names below corp.test only, and says so itself")
    return bought


def _enable(story: Story, ca: str, body: dict[str, Any]) -> None:
    made = story.customer.post(f"/private-cas/{ca}/enable", body)
    story.tell.did(f"enabled {made['name']} ({made['kind']}, {made['ca']['algorithm']}): {ca}")


def issued(story: Story, bought: Bought) -> tuple[Held, Held]:
    story.tell.act("Certificates for a server and its client; both sides of TLS show one")
    server = _issue(story, bought, "server", {"names": {"dns": [SERVER]}})
    client = _issue(story, bought, "client", {"subject": {"common_name": "backup job"}})
    root, lists = _root(story, server), _lists(story, server)
    for held, purpose in ((server, "sslserver"), (client, "sslclient")):
        _expect(
            story,
            f"openssl verify -crl_check_all ({purpose})",
            clients.verify(held, root, lists, purpose),
            "OK",
        )
    spoken = clients.mutual_tls(server, client, root, lists, SERVER)
    _expect(story, "the server takes the client's certificate, and they speak", spoken, "TLSv1")
    for held in (server, client):
        _expect(story, f"openssl ocsp of {held.leaf.name}", clients.ask_responder(held, root), "good")
    stranger = clients.mutual_tls(server, None, root, lists, SERVER)
    _expect(story, "a client without one is turned away", stranger, "did not return a certificate")
    names = {"names": {"dns": ["www.elsewhere.test"]}, "template": "server"}
    refused = story.customer.refused(f"/private-cas/{bought.intermediate}/certificates", names)
    story.tell.refused(refused)
    story.tell.did(refused["faults"][0]["message"])
    return server, client


def _issue(story: Story, bought: Bought, template: str, asked: dict[str, Any]) -> Held:
    """Issued with a key that is made there, and taken into files of the demo's folder."""
    made = story.customer.post(
        f"/private-cas/{bought.intermediate}/certificates", {"template": template, **asked}
    )
    named = ", ".join(made["names"]["dns"]) if made["names"].get("dns") else made["subject"]["common_name"]
    story.tell.did(f"issued a {template} certificate for {named}: {made['id']}")
    folder = story.stage.folder
    leaf, full_chain, key = (folder / f"{template}{end}" for end in (".pem", ".chain.pem", ".key"))
    for part, file in (("leaf", leaf), ("full_chain", full_chain)):
        file.write_text(_download(story, made["id"], part))
    given = story.customer.post(f"/private-certificates/{made['id']}/key", {"passphrase": PASSPHRASE})
    key.touch(mode=0o600)
    key.write_text(given["content"])
    return Held(made["id"], made["serial"], leaf, full_chain, key, PASSPHRASE)


def revoked(story: Story, server: Held, client: Held) -> None:
    story.tell.act("The client's key is lost: revoked, and every client of ours sees it")
    story.customer.post(f"/private-certificates/{client.id}/revoke", {"reason": "keyCompromise"})
    story.tell.did(f"revoked {client.id}: keyCompromise")
    root = _root(story, server)

    def listed() -> bool:
        return clients.verify(client, root, _lists(story, server), "sslclient") == "certificate revoked"

    story.stage.wait_until(listed, WAIT_SECONDS, "the revocation on the list that the certificate names")
    story.tell.saw(
        f"openssl verify, with the list at {clients.named_lists(client.leaf)[0]}: certificate revoked"
    )
    _expect(story, "openssl ocsp of client.pem", clients.ask_responder(client, root), "revoked")
    lists = _lists(story, server)
    _expect(story, "the server's own goes on", clients.verify(server, root, lists, "sslserver"), "OK")
    refused = clients.mutual_tls(server, client, root, lists, SERVER)
    _expect(story, "the server turns the client away", refused, "certificate revoked")


def enrolled(story: Story, bought: Bought) -> None:
    """Only what a client of the machine can do: without one the act is left out."""
    name = enrolment.installed()
    if name is None:
        return
    story.tell.act(f"A web server gets its certificate by itself: {name}, by ACME (RFC 8555)")
    made = story.customer.post(f"/private-cas/{bought.intermediate}/acme/keys", {"domains": ["corp.test"]})
    story.tell.did(f"made {made['id']}, a key that binds clients, for names below corp.test")
    folder, webroot = story.stage.folder / "acme", story.stage.folder / "webroot"
    webroot.mkdir()
    story.stage.web.webroot = webroot
    story.stage.names.records[ENROLLED, "A"] = ["127.0.0.1"]
    client = enrolment.Client(
        name, made["directories"]["server"], made["id"], made["hmac_key"], folder, webroot
    )
    certificate = client.enrol(ENROLLED)
    chain = certificate.read_text()
    story.tell.saw(
        f"{name} proved {ENROLLED} by a file and has a chain of {chain.count('BEGIN CERTIFICATE')}"
    )
    found = story.customer.get("/private-certificates", search=ENROLLED)["items"][0]
    story.tell.saw(f"the CA knows it as {found['id']}, {found['state']}")
    client.revoke(ENROLLED)
    state = story.customer.get(f"/private-certificates/{found['id']}")["state"]
    _expect(story, f"{name} revoked it, and it is", state, "revoked")


def reset(story: Story, bought: Bought, server: Held) -> None:
    story.tell.act("No refund while it is in use; a root is reset after its intermediates (R17, D7)")
    root = _root(story, server)
    story.decide(bought.order)
    story.tell.refused(story.customer.refused(f"/orders/{bought.order}/refunds"))
    story.tell.refused(story.customer.refused(f"/private-cas/{bought.root}/reset/prepare"))
    warned = story.customer.post(f"/private-cas/{bought.intermediate}/reset/prepare")
    story.tell.saw(f"told before: {warned['text']}")
    unticked = {"confirmation": warned["confirmation"], "confirm_deletes_all_data": False}
    story.tell.refused(story.customer.refused(f"/private-cas/{bought.intermediate}/reset/confirm", unticked))
    for ca in (bought.intermediate, bought.root):
        token = story.customer.post(f"/private-cas/{ca}/reset/prepare")["confirmation"]
        body = {"confirmation": token, "confirm_deletes_all_data": True}
        made = story.customer.post(f"/private-cas/{ca}/reset/confirm", body)
        story.tell.did(f"ticked, and reset the {made['kind']}: {made['state_label']}")
    lists = clients.fetch_lists(server.full_chain, story.stage.folder / "last.crl.pem")
    last = clients.verify(server, root, lists, "sslserver")
    _expect(story, "the last lists stay published, and everything is on them", last, "certificate revoked")


def refunded(story: Story, bought: Bought) -> None:
    story.tell.act("The money goes back, and the CAs are Refunded for good (R7)")
    story.decide(bought.order)
    story.refund(bought.order)
    states = {one["state_label"] for one in story.customer.get("/private-cas")["items"]}
    _expect(story, "root and intermediate", " and ".join(sorted(states)), "Refunded")
    again = {"subject": {"common_name": "Corp Root"}}
    story.tell.refused(story.customer.refused(f"/private-cas/{bought.root}/enable", again))


def _expect(story: Story, what: str, seen: str, wanted: str) -> None:
    if wanted not in seen:
        raise DemoFailed(f"{what}: expected {wanted!r}, saw {seen!r}")
    story.tell.saw(f"{what}: {seen}")


def _download(story: Story, certificate: str, part: str) -> str:
    return str(story.customer.get(f"/private-certificates/{certificate}/download", part=part)["pem"])


def _root(story: Story, held: Held) -> Path:
    """What clients trust, as downloaded once while it was there."""
    file = story.stage.folder / "corp-root.pem"
    if not file.exists():
        file.write_text(_download(story, held.id, "root"))
    return file


def _lists(story: Story, held: Held) -> Path:
    return clients.fetch_lists(held.full_chain, story.stage.folder / "lists.pem")


def play(stage: Stage, tell: Teller) -> None:
    """Every act, in order; DemoFailed at the first thing that does not happen."""
    story = Story(
        stage,
        tell,
        customer=stage.person("customer"),
        reviewer=stage.person("reviewer"),
        finance=stage.person("finance"),
        administrator=stage.person("administrator"),
    )
    bought = enabled(story)
    server, client = issued(story, bought)
    revoked(story, server, client)
    enrolled(story, bought)
    reset(story, bought, server)
    refunded(story, bought)
    books(story)
