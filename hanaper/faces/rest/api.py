"""The API of programs at /api/v1. Each area's routes are in the file of its name beside this one."""

from importlib import import_module
from importlib.util import find_spec

from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI, Swagger
from ninja.errors import HttpError, ValidationError

from hanaper import __version__
from hanaper.core.errors import Refusal
from hanaper.faces.rest.body import StrictParser
from hanaper.faces.rest.problems import problem_of_exception, problem_of_status

# One line an area: the module in this package, whose `router` is mounted. Paths are in the routes.
AREAS = (
    "system",
    "accounts",
    "operators",
    "audit",
    "notices",
    "catalogue",
    "operator_catalogue",
    "orders",
    "payments",
    "ledger",
    "contacts",
    "certificates",
    "reviews",
    "refunds",
    "operator_refunds",
    "services",
    "policies",
)

api = NinjaAPI(
    title="Hanaper",
    version=__version__,
    description=(
        "Certificates, and the money that was paid for them. Every request carries an access key; amounts "
        "are integers of minor units, times RFC 3339 in UTC. Writes take the header `Idempotency-Key`."
    ),
    docs=Swagger(settings={"persistAuthorization": False, "docExpansion": "none"}),
    parser=StrictParser(),
    urls_namespace="api",
    openapi_extra={"info": {"license": {"name": "Apache-2.0", "identifier": "Apache-2.0"}}},
)
for area in AREAS:
    # Only for now, while colleagues still write theirs: an area without a file is skipped.
    if find_spec(f"hanaper.faces.rest.{area}"):
        api.add_router("", import_module(f"hanaper.faces.rest.{area}").router)

# Ninja brings handlers of its own for all but the first; ours replace them.
for family in (Refusal, Exception, Http404, HttpError, ValidationError):
    api.add_exception_handler(family, problem_of_exception)


def unknown_address(request: HttpRequest, rest: str = "") -> HttpResponse:
    """Whatever lies under /api and is nothing."""
    return problem_of_status(request, 404)
