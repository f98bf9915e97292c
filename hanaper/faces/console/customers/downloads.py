"""What is taken away of an issued certificate: PEM files, and the private key where it was made here."""

from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _

from hanaper.apps.certificates import queries
from hanaper.apps.certificates.services import downloading
from hanaper.apps.certificates.services.downloading import Part
from hanaper.core.errors import NotFound
from hanaper.faces.console.exporting import file_answer
from hanaper.faces.console.places import PlaceRequest, customer_page, shared_page

PARTS = (
    (Part.FULL_CHAIN.value, _("Full chain")),
    (Part.LEAF.value, _("Certificate")),
    (Part.CHAIN.value, _("Chain")),
    (Part.ROOT.value, _("Root")),
)


@shared_page()
def download(request: PlaceRequest, certificate: str, part: str) -> HttpResponse:
    if part not in list(Part):
        raise NotFound("There is no such part.")
    found = queries.certificate(request.place.actor, certificate)
    name = f"{downloading.file_name(found)}-{part.replace('_', '-')}.pem"
    return file_answer(downloading.download(found, Part(part)).encode(), name, "application/x-pem-file")


@customer_page("POST")
def download_key(request: PlaceRequest, certificate: str) -> HttpResponse:
    """In clear once, afterwards only under a passphrase."""
    key = downloading.download_key(
        request.place.actor,
        queries.certificate(request.place.actor, certificate),
        passphrase=request.POST.get("passphrase") or None,
        as_pkcs12=request.POST.get("format") == "pkcs12",
        at=request.at,
    )
    return file_answer(key.content, key.name, key.media_type)
