"""Every address under /acme, and nothing else: `middleware.AcmeMiddleware` asks here."""

from django.urls import path

from hanaper.faces.acme import views
from hanaper.faces.acme.methods import only

_BASE = "acme/<slug:ca>/<slug:template>"
urlpatterns = [
    path(f"{_BASE}/directory", only("GET", "HEAD")(views.directory)),
    path(f"{_BASE}/new-nonce", only("GET", "HEAD")(views.new_nonce)),
    path(f"{_BASE}/renewal-info/<str:certificate>", only("GET", "HEAD")(views.renewal_info)),
    path(f"{_BASE}/new-account", only("POST")(views.new_account)),
    path(f"{_BASE}/account/<slug:account>", only("POST")(views.account)),
    path(f"{_BASE}/account/<slug:account>/orders", only("POST")(views.orders)),
    path(f"{_BASE}/account/<slug:account>/orders/<str:after>", only("POST")(views.orders)),
    path(f"{_BASE}/new-order", only("POST")(views.new_order)),
    path(f"{_BASE}/order/<slug:order>", only("POST")(views.order)),
    path(f"{_BASE}/order/<slug:order>/finalize", only("POST")(views.finalize)),
    path(f"{_BASE}/new-authz", only("POST")(views.new_authz)),
    path(f"{_BASE}/authz/<slug:authz>", only("POST")(views.authz)),
    path(f"{_BASE}/challenge/<slug:challenge>", only("POST")(views.challenge)),
    path(f"{_BASE}/certificate/<slug:order>", only("POST")(views.certificate)),
    path(f"{_BASE}/certificate/<slug:order>/<int:chain>", only("POST")(views.certificate)),
    path(f"{_BASE}/revoke-cert", only("POST")(views.revoke_cert)),
    path(f"{_BASE}/key-change", only("POST")(views.key_change)),
]
