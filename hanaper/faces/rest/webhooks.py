"""Webhooks of payment providers: verified, kept, looked at. The signature is all that lets them in."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from hanaper import clock
from hanaper.apps.payments.providers import CARD, BadWebhook, is_offered, provider
from hanaper.apps.payments.services import receive_webhook

LARGEST_BODY = 64 * 1024


@csrf_exempt
@require_POST
def sandbox_card(request: HttpRequest) -> HttpResponse:
    """200 once it is committed, new or not; 400 for what is not the provider's; 404 where there is none."""
    if not is_offered(CARD):
        return HttpResponse(status=404)
    length = request.headers.get("Content-Length") or "0"
    if not length.isdecimal() or int(length) > LARGEST_BODY:
        return HttpResponse(status=413)
    system_at = clock.system_now()
    try:
        webhook = provider(CARD).parse_webhook(request.headers, request.body, system_at)
    except BadWebhook as error:
        return HttpResponse(f"{error}\n", status=400, content_type="text/plain")
    receive_webhook(CARD, webhook.id, webhook.kind, webhook.body, clock.now(), system_at)
    return HttpResponse(status=200)
