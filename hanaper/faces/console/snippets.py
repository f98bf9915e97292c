"""How the downloaded files go into the servers that people run: file names as the downloads have them."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Snippet:
    """`text`: what goes into the server's configuration; DOMAIN stands for the certificate's first name, NAME
    for the downloaded files' name. `comment`: a line before it."""

    server: str | Promise
    text: str
    comment: str | Promise = ""

    def filled(self, domain: str, name: str) -> str:
        """In the reader's language."""
        comment = f"# {self.comment}\n" if self.comment else ""
        return comment + self.text.replace("DOMAIN", domain).replace("NAME", name)


SNIPPETS = (
    Snippet(
        "nginx",
        "server {\n    listen 443 ssl;\n    server_name DOMAIN;\n"
        "    ssl_certificate     /etc/nginx/NAME-full-chain.pem;\n"
        "    ssl_certificate_key /etc/nginx/NAME.key;\n}\n",
    ),
    Snippet(
        "Apache",
        "<VirtualHost *:443>\n    ServerName DOMAIN\n    SSLEngine on\n"
        "    SSLCertificateFile    /etc/apache2/NAME-full-chain.pem\n"
        "    SSLCertificateKeyFile /etc/apache2/NAME.key\n</VirtualHost>\n",
    ),
    Snippet(
        "HAProxy",
        "# cat NAME-full-chain.pem NAME.key > /etc/haproxy/NAME.pem\n"
        "frontend https\n    bind :443 ssl crt /etc/haproxy/NAME.pem alpn h2,http/1.1\n",
    ),
    Snippet("Caddy", "DOMAIN {\n    tls /etc/caddy/NAME-full-chain.pem /etc/caddy/NAME.key\n}\n"),
    Snippet(
        "IIS",
        "Import-PfxCertificate -FilePath NAME.p12 -CertStoreLocation Cert:\\LocalMachine\\My `\n"
        '    -Password (Read-Host "Passphrase" -AsSecureString)\n',
        _("Take the private key as PKCS #12, then in PowerShell:"),
    ),
    Snippet(
        "Tomcat",
        '<Connector port="8443" SSLEnabled="true" protocol="org.apache.coyote.http11.Http11NioProtocol">\n'
        '  <SSLHostConfig>\n    <Certificate certificateKeystoreFile="conf/NAME.p12"\n'
        '                 certificateKeystoreType="PKCS12"\n'
        '                 certificateKeystorePassword="..."/>\n  </SSLHostConfig>\n</Connector>\n',
    ),
)
CLIENT_SNIPPETS = (
    Snippet(
        "curl",
        "curl --cert NAME-full-chain.pem --key NAME.key --cacert NAME-root.pem https://server.example/\n",
    ),
    Snippet(
        "Go",
        'pair, err := tls.LoadX509KeyPair("NAME-full-chain.pem", "NAME.key")\n'
        "config := &tls.Config{Certificates: []tls.Certificate{pair}, RootCAs: roots}\n",
    ),
    Snippet(
        "Python",
        'context = ssl.create_default_context(cafile="NAME-root.pem")\n'
        'context.load_cert_chain("NAME-full-chain.pem", "NAME.key", password="...")\n',
    ),
    Snippet(
        _("nginx (as the client of a server behind it)"),
        "proxy_ssl_certificate         /etc/nginx/NAME-full-chain.pem;\n"
        "proxy_ssl_certificate_key     /etc/nginx/NAME.key;\n"
        "proxy_ssl_trusted_certificate /etc/nginx/NAME-root.pem;\n"
        "proxy_ssl_verify              on;\n",
    ),
)
