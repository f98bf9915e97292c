"""Which methods an address takes."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from hanaper.core.acme.problems import malformed
from hanaper.faces.acme.problems import problem_response

View = Callable[..., HttpResponse]


def only(*methods: str) -> Callable[[View], View]:
    def limit(view: View) -> View:
        def limited(request: HttpRequest, **path: str) -> HttpResponse:
            if request.method in methods:
                return view(request, **path)
            response = problem_response(malformed(f"Send {' or '.join(methods)}.", 405))
            response["Allow"] = ", ".join(methods)
            return response

        return limited

    return limit
