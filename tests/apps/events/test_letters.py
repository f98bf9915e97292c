"""Letters: text and HTML, in the reader's language, with a link, and nothing of a customer's taken for markup."""

import pytest
from django.core import mail

from hanaper import clock
from hanaper.apps.accounts.models import User
from hanaper.apps.events.letters import link_to
from hanaper.apps.events.models import Letter, Notice
from hanaper.apps.events.queries import told_to
from hanaper.apps.events.services import emit
from hanaper.apps.events.sweep import sweep
from hanaper.apps.events.texts import Reader

pytestmark = pytest.mark.django_db
HOSTILE = '<script>alert(1)</script>"><img src=x onerror=y>.example'


@pytest.fixture
def issued(owner, at):
    def told(domains="shop.example.com", subject="crt_0123456789abcdefghjkmnpq", **also):
        emit(
            also.pop("kind", "certificate.issued"),
            account_id=owner.account.pk,
            subject=subject,
            at=at,
            dedupe=domains + subject,
            data={"domains": domains, "serial": "0a", "term_end": "2027-03-02T09:00:00Z", **also},
        )
        sweep(at, clock.system_now())
        return mail.outbox[-1]

    return told


def html_of(letter) -> str:
    ((content, kind),) = letter.alternatives
    assert kind == "text/html"
    return content


def test_text_and_html_with_a_link(issued, owner, settings):
    letter = issued()
    link = f"{settings.PUBLIC_URL}/go/crt_0123456789abcdefghjkmnpq/"
    assert letter.subject == "A certificate for shop.example.com was issued"
    assert f"Look at it: {link}\n" in letter.body and "Its year ends Mar 2, 2027 09:00 UTC." in letter.body
    html = html_of(letter)
    assert f'href="{link}"' in html and "shop.example.com" in html and '<html lang="en">' in html
    assert "Example Ltd" in html and "Example Ltd" in letter.body
    assert Letter.objects.get().user == owner.user
    assert "multipart/alternative" in letter.message().as_string()


def test_a_hostile_domain_name_is_only_text(issued):
    letter = issued(HOSTILE)
    html = html_of(letter)
    assert "<script>" not in html and "<img" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert HOSTILE in letter.body  # nothing is escaped where nothing is markup
    assert "\n" not in letter.subject


def test_a_hostile_account_name_is_only_text(issued, owner):
    owner.account.name = "<b>Bold & Co</b>"
    owner.account.save()
    letter = issued()
    assert "&lt;b&gt;Bold &amp; Co&lt;/b&gt;" in html_of(letter) and "<b>Bold & Co</b>" in letter.body


def test_in_the_reader_s_language(issued, owner):
    User.objects.filter(pk=owner.user.pk).update(language="zh-hans")
    letter = issued()
    assert letter.subject == "shop.example.com 的证书已签发"
    assert "查看详情" in letter.body and '<html lang="zh-hans">' in html_of(letter)
    notice = Notice.objects.get()
    assert notice.title == "A certificate for shop.example.com was issued"
    assert told_to(Reader("zh-hans"), notice)[0] == letter.subject
    assert told_to(Reader(), notice)[0] == notice.title


def test_a_letter_outlives_its_reader_s_account(issued, owner):
    issued()
    Letter.objects.update(user=None)
    letter = Letter.objects.get()
    letter.due_at, letter.sent_at = clock.system_now(), None
    letter.save()
    sweep(clock.now(), clock.system_now())
    assert len(mail.outbox) == 2 and mail.outbox[1].subject.startswith("A certificate")


@pytest.mark.parametrize("name", ["2026-01", "", "crt_../../x", "javascript:alert(1)", 'crt_1"onclick'])
def test_what_has_no_public_id_has_no_link(name):
    assert link_to(name) == ""
