"""How clients come to trust a private root: file names as the downloads have them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Trust:
    """`text`: what is typed there; NAME stands for the downloaded file's name."""

    where: str
    text: str


TRUST = (
    Trust(
        "Debian, Ubuntu",
        "cp NAME-root.pem /usr/local/share/ca-certificates/NAME.crt\nupdate-ca-certificates\n",
    ),
    Trust("Fedora, RHEL", "cp NAME-root.pem /etc/pki/ca-trust/source/anchors/\nupdate-ca-trust\n"),
    Trust("Windows", "certutil -addstore -f Root NAME-root.pem\n"),
    Trust(
        "macOS",
        "security add-trusted-cert -d -r trustRoot -k /Library/Keychains/System.keychain NAME-root.pem\n",
    ),
    Trust("Java", "keytool -importcert -cacerts -noprompt -alias NAME -file NAME-root.pem\n"),
    Trust("Firefox, NSS", 'certutil -A -d sql:$HOME/.pki/nssdb -t C,, -n "NAME" -i NAME-root.pem\n'),
    Trust(
        "Python, Node.js, curl",
        "SSL_CERT_FILE=NAME-root.pem    NODE_EXTRA_CA_CERTS=NAME-root.pem    curl --cacert NAME-root.pem\n",
    ),
)
