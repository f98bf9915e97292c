"""How each client is set up against a directory: one command, or one piece of configuration, a client."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

CLIENTS = ("certbot", "lego", "uacme", "dehydrated", "acme-tiny", "caddy", "acme.sh")
COMMENT = "# "
EXAMPLE = "www.example.internal"


@dataclass(frozen=True, slots=True)
class Setup:
    """What goes into a snippet: the directory's address, kid and HMAC key of the external account binding,
    the name that is wanted, and the file with the root that the client trusts at an https address."""

    directory: str
    kid: str = "KID"
    hmac_key: str = "HMAC_KEY"
    domain: str = EXAMPLE
    root: str = "root.pem"


def snippet(client: str, setup: Setup) -> str:
    """KeyError for a client that is not among CLIENTS."""
    return _SNIPPETS[client](setup)


def snippets(setup: Setup) -> dict[str, str]:
    return {client: snippet(client, setup) for client in CLIENTS}


def _comment(sentence: str) -> str:
    """A line of its own; faces that speak other languages say its sentence in them."""
    return f"{COMMENT}{sentence}\n"


def _certbot(setup: Setup) -> str:
    return (
        f"REQUESTS_CA_BUNDLE={setup.root} certbot certonly --standalone \\\n"
        f"    --server {setup.directory} \\\n"
        f"    --eab-kid {setup.kid} --eab-hmac-key {setup.hmac_key} \\\n"
        "    --agree-tos --register-unsafely-without-email \\\n"
        f"    -d {setup.domain}\n"
    )


def _lego(setup: Setup) -> str:
    return (
        f"LEGO_CA_CERTIFICATES={setup.root} lego --server {setup.directory} \\\n"
        f"    --eab --kid {setup.kid} --hmac {setup.hmac_key} \\\n"
        "    --email admin@example.com --accept-tos --http \\\n"
        f"    --domains {setup.domain} run\n"
    )


def _uacme(setup: Setup) -> str:
    return (
        _comment(f"It trusts what the system trusts: {setup.root} belongs there.")
        + _comment("What its hook writes into /var/www/.well-known/acme-challenge is served over HTTP.")
        + f"uacme -a {setup.directory} -e {setup.kid}:{setup.hmac_key} -y new\n"
        f"uacme -a {setup.directory} -h /usr/share/uacme/uacme.sh issue {setup.domain}\n"
    )


def _dehydrated(setup: Setup) -> str:
    return (
        _comment("In /etc/dehydrated/config, whose WELLKNOWN is served as /.well-known/acme-challenge:")
        + f'CA="{setup.directory}"\n'
        f'EAB_KID="{setup.kid}"\n'
        f'EAB_HMAC_KEY="{setup.hmac_key}"\n'
        f'CURL_OPTS="--cacert {setup.root}"\n'
        + _comment("Then these commands:")
        + "dehydrated --register --accept-terms\n"
        f"dehydrated --cron --domain {setup.domain}\n"
    )


def _acme_tiny(setup: Setup) -> str:
    return (
        _comment("It cannot bind an account: uacme makes it, with the key that both then use.")
        + f"uacme -a {setup.directory} -t RSA -e {setup.kid}:{setup.hmac_key} -y new\n"
        f"SSL_CERT_FILE={setup.root} acme-tiny --account-key /etc/ssl/uacme/private/key.pem \\\n"
        "    --csr domain.csr --acme-dir /var/www/.well-known/acme-challenge \\\n"
        f"    --directory-url {setup.directory} > {setup.domain}.pem\n"
    )


def _caddy(setup: Setup) -> str:
    return (
        f"{setup.domain} {{\n"
        "    tls {\n"
        "        issuer acme {\n"
        f"            dir {setup.directory}\n"
        f"            eab {setup.kid} {setup.hmac_key}\n"
        f"            trusted_roots {setup.root}\n"
        "        }\n"
        "    }\n"
        "}\n"
    )


def _acme_sh(setup: Setup) -> str:
    return (
        f"acme.sh --register-account --server {setup.directory} \\\n"
        f"    --eab-kid {setup.kid} --eab-hmac-key {setup.hmac_key} --ca-bundle {setup.root}\n"
        f"acme.sh --issue --server {setup.directory} --standalone -d {setup.domain}\n"
    )


_SNIPPETS: Mapping[str, Callable[[Setup], str]] = {
    "certbot": _certbot,
    "lego": _lego,
    "uacme": _uacme,
    "dehydrated": _dehydrated,
    "acme-tiny": _acme_tiny,
    "caddy": _caddy,
    "acme.sh": _acme_sh,
}
