"""What happened that an account, or the operators, should know; and which letters somebody wants of it."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from hanaper.apps.events import preferences, queries, services
from hanaper.faces.console.places import PlaceRequest, done, shared_page
from hanaper.storage.paging import page


@shared_page()
def notices(request: PlaceRequest) -> HttpResponse:
    unread = request.GET.get("unread") == "yes"
    found = queries.notices_for(request.place.actor, unread=unread)
    listed = page(found, sort="-id", cursor=request.GET.get("cursor"))
    content = {"rows": listed.rows, "next_cursor": listed.next_cursor, "only_unread": unread}
    return render(request, "console/notices.html", content)


@shared_page("POST")
def read_all(request: PlaceRequest) -> HttpResponse:
    """One of them, or all: read for everybody in the place."""
    one = request.POST.get("notice")
    if one:
        services.mark_read(request.place.actor, queries.notice_for(request.place.actor, one), at=request.at)
        return done(request, _("Read."), "notices")
    services.mark_all_read(request.place.actor, at=request.at)
    return done(request, _("All of them are read."), "notices")


@shared_page("GET", "POST")
def letters(request: PlaceRequest) -> HttpResponse:
    """Letters by topic, chosen by everybody for themselves in each of their places."""
    actor, account = request.place.actor, request.place.account
    chosen = preferences.own_preferences(actor, account)
    if request.method == "POST":
        wanted = request.POST.getlist("topics")
        for topic, before in chosen.items():
            if before != (topic.value in wanted):
                preferences.set_preference(actor, account, topic, email=not before, at=request.at)
        return done(request, _("Your letters are chosen."), "letters")
    return render(request, "console/letters.html", {"topics": list(chosen.items())})
