"""Problem documents as answers (RFC 7807, RFC 8555 6.7)."""

import json

from django.http import HttpResponse

from hanaper.core.acme.problems import AcmeProblem

PROBLEM = "application/problem+json"


def problem_response(problem: AcmeProblem) -> HttpResponse:
    response = HttpResponse(json.dumps(problem.document()), status=problem.status, content_type=PROBLEM)
    if problem.retry_after is not None:
        response["Retry-After"] = str(problem.retry_after)
    if problem.location is not None:
        response["Location"] = problem.location
    if problem.link is not None:
        relation, address = problem.link
        response["Link"] = f'<{address}>;rel="{relation}"'
    return response
