"""The API of programs at /api/v1. Each area's routes are in the file of its name beside this one."""

from functools import cached_property
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csp import csp_override
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI, Swagger
from ninja.errors import HttpError, ValidationError
from ninja.openapi.schema import OpenAPISchema

from hanaper import __version__
from hanaper.core.errors import Refusal
from hanaper.faces.rest import (
    accounts,
    acme,
    audit,
    catalogue,
    ceremonies,
    certificate_batches,
    certificate_templates,
    certificates,
    contacts,
    gateway_errands,
    gateways,
    issued_certificates,
    notice_preferences,
    notices,
    operator_catalogue,
    operator_gateway,
    operator_refunds,
    operators,
    orders,
    outgoing_webhooks,
    payments,
    policies,
    policy_trials,
    private_ca_renewals,
    private_cas,
    private_certificates,
    refunds,
    reviews,
    services,
    system,
)
from hanaper.faces.rest.body import StrictParser
from hanaper.faces.rest.problems import describe_problems, problem_of_exception, problem_of_status


class Api(NinjaAPI):
    """The description of the API takes seconds to make and never changes while the service runs."""

    @cached_property
    def _description(self) -> OpenAPISchema:
        description = super().get_openapi_schema()
        describe_problems(description)
        return description

    def get_openapi_schema(self, **_given: Any) -> OpenAPISchema:
        return self._description


class Page(Swagger):
    """The description for people. Its template is ours: ninja's own works only where ninja is one of Django's
    apps, and then every process loads it, with all of Django's tools for tests.
    """

    def render_page(self, request: HttpRequest, api: NinjaAPI, **parameters: Any) -> HttpResponse:
        told = {**self.settings, "url": self.get_openapi_url(api, parameters)}
        return render(request, "api.html", {"title": api.title, "told": told})


api = Api(
    title="Hanaper",
    version=__version__,
    description=(
        "Certificates, and the money that was paid for them. Every request carries an access key; amounts "
        "are integers of minor units, times RFC 3339 in UTC. Writes take the header `Idempotency-Key`."
    ),
    docs=Page(settings={"persistAuthorization": False, "docExpansion": "none"}),
    docs_decorator=csp_override({**settings.SECURE_CSP, "style-src": ["'self'", "'unsafe-inline'"]}),
    parser=StrictParser(),
    urls_namespace="api",
    openapi_extra={"info": {"license": {"name": "Apache-2.0", "identifier": "Apache-2.0"}}},
)
for area in (
    system,
    accounts,
    operators,
    audit,
    notices,
    notice_preferences,
    outgoing_webhooks,
    catalogue,
    operator_catalogue,
    orders,
    payments,
    contacts,
    certificates,
    issued_certificates,
    reviews,
    refunds,
    operator_refunds,
    policies,
    policy_trials,
    private_ca_renewals,
    private_cas,
    private_certificates,
    certificate_batches,
    certificate_templates,
    acme,
    ceremonies,
    gateway_errands,
    gateways,
    operator_gateway,
    services,
):
    api.add_router("", area.router)

# Ninja brings handlers of its own for all but the first; ours replace them.
for family in (Refusal, Exception, Http404, HttpError, ValidationError):
    api.add_exception_handler(family, problem_of_exception)


@csrf_exempt  # or a write to a wrong address would be forbidden instead of unknown
def unknown_address(request: HttpRequest, rest: str = "") -> HttpResponse:
    """Whatever lies under /api and is nothing."""
    return problem_of_status(request, 404)
