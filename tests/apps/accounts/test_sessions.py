"""Sessions that nobody can continue are forgotten; those that somebody can are not."""

from datetime import timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.test import Client

from hanaper import clock
from hanaper.apps.accounts import sessions

pytestmark = pytest.mark.django_db


def test_only_expired_sessions_are_forgotten(owner, colleague):
    for person in (owner, colleague):
        browser = Client()
        browser.force_login(person.user)
        browser.get("/me/security/")
        UserSession.objects.create_from_request(browser.get("/me/security/").wsgi_request)
    now = clock.system_now()
    ended = UserSession.objects.get(user=owner.user).session_key
    Session.objects.filter(pk=ended).update(expire_date=now - timedelta(seconds=1))
    assert sessions.sweep(now, now) == 1
    assert [row.user for row in UserSession.objects.all()] == [colleague.user]
    assert Session.objects.count() == 1 and not Session.objects.filter(pk=ended).exists()
    assert sessions.sweep(now, now) == 0
