"""The outbox: one notice for each event, a letter for each owner, sent at least once."""

import smtplib
from datetime import timedelta

import pytest
from django.core import mail

from hanaper import clock
from hanaper.apps.accounts.models import User
from hanaper.apps.events import sweep as sweeping
from hanaper.apps.events.models import Event, Letter, Notice
from hanaper.apps.events.services import emit
from hanaper.apps.events.sweep import deliver, send_letters, sweep
from hanaper.apps.events.vocabulary import EventKind
from hanaper.core.actor import AccountRole
from tests.people import make_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def happened(account, at):
    def emitted(dedupe="one", account_id=account.pk):
        data = {"email": "new@example.com", "role": "member"}
        return emit(
            EventKind.MEMBER_ADDED, account_id=account_id, subject="usr_x", at=at, dedupe=dedupe, data=data
        )

    return emitted


def now():
    return clock.system_now()


def test_the_same_happening_is_one_event(happened):
    assert happened().pk == happened().pk and Event.objects.count() == 1


def test_one_notice_and_a_letter_for_each_owner(happened, account, colleague, at):
    make_member(account, "second@example.com", AccountRole.OWNER)
    happened()
    assert sweep(at, now()) == 3  # a notice, two letters
    assert sweep(at, now()) == 0
    notice = Notice.objects.get()
    assert (notice.title, notice.at, notice.account) == ("new@example.com joined the account", at, account)
    assert sorted(message.to[0] for message in mail.outbox) == ["owner@example.com", "second@example.com"]
    assert "role member" in mail.outbox[0].body and mail.outbox[0].extra_headers["Message-ID"]


def test_what_concerns_nobody_s_account_goes_to_the_operators(happened, administrator, reviewer, at):
    happened(account_id=None)
    sweep(at, now())
    assert Notice.objects.get().account is None
    assert [message.to for message in mail.outbox] == [["administrator@hanaper.example"]]


def test_somebody_locked_out_gets_no_mail(happened, owner, at):
    User.objects.update(is_active=False)
    happened()
    sweep(at, now())
    assert Notice.objects.count() == 1 and mail.outbox == []


def test_a_second_sweep_at_the_same_moment_delivers_nothing_twice(happened, monkeypatch):
    event = happened()
    assert deliver(now()) == 1
    assert sweeping._deliver_one(event.pk, now()) == 0
    assert Notice.objects.count() == 1


def test_a_letter_that_somebody_else_claimed_is_not_sent(happened, monkeypatch):
    happened()
    deliver(now())
    letter = Letter.objects.get()
    Letter.objects.filter(pk=letter.pk).update(due_at=now() + sweeping.LEASE)
    assert send_letters(now()) == 0 and mail.outbox == []


def test_mail_that_fails_is_tried_again_later(happened, monkeypatch):
    happened()
    deliver(now())
    at_first = now()

    def refuse(*_):
        raise smtplib.SMTPException("busy")

    monkeypatch.setattr("django.core.mail.EmailMessage.send", refuse)
    assert send_letters(at_first) == 0
    letter = Letter.objects.get()
    assert letter.sent_at is None and letter.attempts == 1 and "busy" in letter.fault
    assert letter.due_at > at_first
    monkeypatch.undo()
    assert send_letters(at_first) == 0
    assert send_letters(at_first + timedelta(hours=1)) == 1
    assert Letter.objects.get().due_at is None and len(mail.outbox) == 1


def test_a_crash_while_sending_sends_again_with_the_same_message_id(happened, monkeypatch):
    happened()
    deliver(now())

    def die(name):
        if name == "events.letter.after_send":
            raise KeyboardInterrupt

    monkeypatch.setattr(sweeping, "crashpoint", die)
    with pytest.raises(KeyboardInterrupt):
        send_letters(now())
    monkeypatch.undo()
    assert send_letters(now()) == 0  # the lease still runs
    assert send_letters(now() + timedelta(minutes=6)) == 1
    first, second = mail.outbox
    assert first.extra_headers["Message-ID"] == second.extra_headers["Message-ID"]


def test_it_is_given_up_after_many_attempts(happened, monkeypatch):
    happened()
    deliver(now())
    monkeypatch.setattr("django.core.mail.EmailMessage.send", lambda *_: 1 / 0)
    at = now()
    for _ in range(20):
        at += timedelta(hours=7)
        send_letters(at)
    letter = Letter.objects.get()
    assert letter.attempts == sweeping.ATTEMPTS and letter.due_at is None and letter.sent_at is None
