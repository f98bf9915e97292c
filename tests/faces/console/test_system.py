"""The System page: what /healthz says, for people."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import strip_tags

from hanaper import clock
from hanaper.apps.authority import keystores
from hanaper.apps.authority.models import Authority, Responder
from hanaper.apps.authority.services import ensure_builtin_ca
from hanaper.apps.recovery.services import beat
from tests.people import Person


def text(answer: Any) -> str:
    return " ".join(strip_tags(answer.content.decode().replace("<", " <")).split())


def test_tokens_and_responders(
    finance: Person, settings: Any, tmp_path: Path, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.PUBLISHED = tmp_path
    issuing, now = ensure_builtin_ca(clock.now()), clock.system_now()
    Authority.objects.filter(pk=issuing.pk).update(ocsp=True)
    ends = clock.now() + timedelta(days=11, hours=1)
    responder = Responder.objects.create(authority=issuing, key_id="k", certificate=b"x", not_after=ends)
    monkeypatch.setitem(keystores._keystores, "pkcs11", object())
    beat("sweep", now)
    client.force_login(finance.user)
    address = reverse("system", args=["operator"])
    said = text(client.get(address))
    assert "Key store pkcs11 does not answer never" in said and "System not well" in said
    assert "OCSP responder of builtin-issuing valid for another 12 days" in said
    beat("keystore pkcs11", now)
    said = text(client.get(address))
    assert "Key store pkcs11 answers" in said and "System well" in said
    Responder.objects.filter(pk=responder.pk).update(not_after=clock.now() - timedelta(hours=1))
    said = text(client.get(address))
    assert "OCSP responder of builtin-issuing ended" in said and "System not well" in said
