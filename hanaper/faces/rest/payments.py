"""Balance and statement of an account; operators credit a balance."""

from typing import Annotated

import ninja
from django.http import StreamingHttpResponse
from ninja import Query, Router, Status
from pydantic import Field

from hanaper.apps.accounts import queries as accounts
from hanaper.apps.ledger import queries, services
from hanaper.apps.ledger.queries import Asked
from hanaper.apps.payments import statements
from hanaper.core.actor import StaffRole
from hanaper.core.money import MAX_AMOUNT, require_currency
from hanaper.faces.rest.access import ApiRequest, customer, operator, own_account
from hanaper.faces.rest.body import Body
from hanaper.faces.rest.idempotency import idempotent
from hanaper.faces.rest.times import Moment
from hanaper.storage.paging import MAX_LIMIT

router = Router(tags=["balance"])


class BalanceOut(ninja.Schema):
    currency: str
    amount: int


class StatementLineOut(ninja.Schema):
    transfer: str
    kind: str = Field(description="As the ledger wrote it; a hold stays one, also once it is paid.")
    what: str = Field(description="In words, as it turned out.")
    order: str | None = Field(description="The order that it is for.")
    refund: str | None = Field(description="The refund that it belongs to.")
    reference: str = Field(
        description="As the ledger wrote it: a part of a payment (`pap_...`), a refund or an account."
    )
    memo: str
    at: Moment
    amount: int = Field(description="Minor units; negative: it left the balance.")
    balance: int = Field(description="After it.")


class StatementOut(ninja.Schema):
    currency: str
    opening: int = Field(description="Before the first line.")
    lines: list[StatementLineOut]
    closing: int = Field(description="After the last line.")
    next_cursor: str | None = Field(description="Hand it back as `cursor`; null on the last page.")


class StatementQuery(ninja.Schema):
    currency: str = Field(min_length=3, max_length=3)
    since: Moment | None = Field(None, description="From that moment on.")
    until: Moment | None = Field(None, description="Before that moment.")


class StatementPage(ninja.Schema):
    cursor: str | None = Field(None, max_length=1000, description="`next_cursor` of the page before.")
    limit: int = Field(MAX_LIMIT, ge=1, le=MAX_LIMIT)


class CreditIn(Body):
    amount: int = Field(ge=-MAX_AMOUNT, le=MAX_AMOUNT)
    currency: str = Field(max_length=3)
    reason: str = Field(max_length=300)


class CreditOut(ninja.Schema):
    transfer: str
    amount: int
    currency: str


@router.get("/balances", auth=customer(), response=list[BalanceOut], summary="What we owe you")
def list_balances(request: ApiRequest) -> list[BalanceOut]:
    return [
        BalanceOut(currency=one.currency, amount=one.amount) for one in queries.balances(own_account(request))
    ]


@router.get(
    "/statement",
    auth=customer(),
    response=StatementOut,
    summary="Every movement of the balance in one currency",
)
def show_statement(
    request: ApiRequest,
    asked: Annotated[StatementQuery, Query(...)],
    paging: Annotated[StatementPage, Query(...)],
) -> StatementOut:
    found = queries.statement(_asked(request, asked), cursor=paging.cursor, limit=paging.limit)
    told = statements.told(found.account, [line.transfer for line in found.lines])
    return StatementOut(
        currency=found.currency,
        opening=found.opening,
        closing=found.closing,
        next_cursor=found.next_cursor,
        lines=[
            StatementLineOut(
                transfer=line.transfer.public_id,
                kind=line.transfer.kind,
                what=statements.in_words(what.kind),
                order=what.order or None,
                refund=what.refund or None,
                reference=line.transfer.reference,
                memo=line.transfer.memo,
                at=line.transfer.at,
                amount=line.amount,
                balance=line.balance,
            )
            for line, what in zip(found.lines, told, strict=True)
        ],
    )


@router.get(
    "/statement.csv",
    auth=customer(),
    summary="The same as CSV, for spreadsheets",
    openapi_extra={
        "responses": {
            200: {"description": "OK", "content": {"text/csv": {"schema": {"type": "string"}}}},
        }
    },
)
def export_statement(
    request: ApiRequest, asked: Annotated[StatementQuery, Query(...)]
) -> StreamingHttpResponse:
    wanted = _asked(request, asked)
    name = f"statement-{wanted.account.public_id}-{wanted.currency}.csv"
    return StreamingHttpResponse(
        statements.as_csv(wanted),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@router.post(
    "/operator/accounts/{account}/credits",
    auth=operator(StaffRole.FINANCE),
    response={201: CreditOut},
    summary="Credit a customer's balance, with a reason",
)
@idempotent
def credit(request: ApiRequest, account: str, body: CreditIn) -> Status[CreditOut]:
    moved = services.credit_balance(
        request.actor,
        accounts.account(request.actor, account),
        amount=body.amount,
        currency=body.currency,
        reason=body.reason,
        at=request.at,
    )
    return Status(201, CreditOut(transfer=moved.public_id, amount=moved.amount, currency=moved.currency))


def _asked(request: ApiRequest, asked: StatementQuery) -> Asked:
    return Asked(own_account(request), require_currency(asked.currency), asked.since, asked.until)
