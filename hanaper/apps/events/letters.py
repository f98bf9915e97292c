"""A letter as it is sent: text and HTML, in its reader's language, with a link to what it is about."""

import hashlib
import re

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

from hanaper.apps.events.models import Letter
from hanaper.apps.events.queries import told_to
from hanaper.apps.events.texts import around_a_letter, reader_of

# A subject may also be a name, such as that of a policy: there is no page for it.
_PUBLIC_ID = re.compile(r"[a-z]{2,4}_[0-9a-z]+")


def message(letter: Letter) -> EmailMultiAlternatives:
    notice = letter.notice
    reader = reader_of(letter.user)
    title, text = told_to(reader, notice)
    words = around_a_letter(reader.language)
    content = {
        "language": reader.language,
        "title": title,
        "text": text,
        "link": link_to(notice.subject),
        "words": words,
        "where": notice.account.name if notice.account else words["operators"],
        "service": settings.PUBLIC_URL,
    }
    # The same letter sent twice carries the same Message-ID, so that mailboxes can drop the second.
    mark = hashlib.sha256(f"{notice.public_id} {letter.address}".encode()).hexdigest()[:32]
    made = EmailMultiAlternatives(
        subject=title,
        body=render_to_string("events/letter.txt", content),
        to=[letter.address],
        headers={"Message-ID": f"<{mark}@hanaper.invalid>", "Auto-Submitted": "auto-generated"},
    )
    made.attach_alternative(render_to_string("events/letter.html", content), "text/html")
    return made


def link_to(subject: str) -> str:
    """The address at which the console shows what has this public id; empty for what has none."""
    return f"{settings.PUBLIC_URL}/go/{subject}/" if _PUBLIC_ID.fullmatch(subject) else ""
