"""Private certificates ordered in a table: checked, issued in the background, told of, cancelled, fetched."""

from datetime import datetime
from typing import Annotated, Any

import ninja
from django.http import FileResponse, StreamingHttpResponse
from ninja import Query, Router, Status
from pydantic import Field

from hanaper.apps.private_ca import queries, services
from hanaper.apps.private_ca.models.batches import BatchRow, CertificateBatch
from hanaper.apps.private_ca.states import BatchState
from hanaper.core.errors import Fault
from hanaper.core.private_ca.tables import COLUMNS, LONGEST_TABLE, MOST_ROWS
from hanaper.faces.rest.access import ApiRequest, customer
from hanaper.faces.rest.body import Body
from hanaper.faces.rest.idempotency import idempotent
from hanaper.faces.rest.paging import PageOut, PageQuery, answer
from hanaper.faces.rest.private_certificates import file_of

router = Router(tags=["private certificates"])
SORTS = ("-id",)
ROW_SORTS = ("number",)


class TableIn(Body):
    csv: str = Field(
        max_length=LONGEST_TABLE,
        description=f"At most {MOST_ROWS} rows. The first names the columns, of {', '.join(COLUMNS)}. "
        "Several names stand in one cell with blanks or semicolons between them.",
    )
    template: str = Field("", max_length=40, description="Of rows that name none.")


class PackIn(Body):
    passphrase: str | None = Field(
        None, max_length=256, description="With it the keys that were made here come too, encrypted."
    )


class TableFaultOut(ninja.Schema):
    field: str = Field(description="rows.<number>.<column>; the header is row 1.")
    message: str
    code: str


class CheckedTableOut(ninja.Schema):
    rows: int
    quota_left: int
    enough_quota: bool
    faults: list[TableFaultOut]


class BatchOut(ninja.Schema):
    id: str
    ca: str
    state: BatchState
    total: int
    begun: int = Field(description="Rows that have their certificate.")
    refused: int
    failed: int = Field(
        description="Rows whose signing was interrupted, or whose key was reported as compromised meanwhile:"
        " they have no certificate."
    )
    code: str = Field(description="Why it was stopped; empty otherwise.")
    message: str
    created_at: datetime
    finished_at: datetime | None


class BatchRowOut(ninja.Schema):
    number: int = Field(description="As spreadsheets count: the header is row 1.")
    state: str = Field(description="waiting, refused, cancelled; then the state of its certificate.")
    certificate: str | None
    serial: str | None
    code: str
    message: str


class BatchFilter(ninja.Schema):
    ca: str = Field("", max_length=40)
    state: BatchState | None = None


def batch_out(batch: CertificateBatch) -> dict[str, Any]:
    return {
        "id": batch.public_id,
        "ca": batch.ca.public_id,
        "state": batch.state,
        "total": batch.total,
        "begun": batch.begun,
        "refused": batch.refused,
        "failed": batch.failed,
        "code": batch.code,
        "message": batch.message,
        "created_at": batch.created_at,
        "finished_at": batch.finished_at,
    }


def row_out(row: BatchRow) -> dict[str, Any]:
    return {
        "number": row.number,
        "state": services.state_of(row),
        "certificate": row.certificate.public_id if row.certificate else None,
        "serial": row.certificate.serial if row.certificate else None,
        "code": row.code,
        "message": row.message,
    }


def _fault(fault: Fault) -> dict[str, str]:
    return {"field": fault.field, "message": fault.message, "code": fault.code}


@router.post(
    "/private-cas/{ca}/batches/check",
    auth=customer(),
    response=CheckedTableOut,
    summary="What is wrong with a table; nothing is issued",
)
@idempotent
def check(request: ApiRequest, ca: str, body: TableIn) -> dict[str, Any]:
    found = queries.private_ca(request.actor, ca)
    checked = services.check_table(request.actor, found, body.csv, template=body.template, at=request.at)
    return {
        "rows": len(checked.rows),
        "quota_left": checked.quota_left,
        "enough_quota": checked.enough_quota,
        "faults": [_fault(fault) for fault in checked.faults],
    }


@router.post(
    "/private-cas/{ca}/batches",
    auth=customer(),
    response={201: BatchOut},
    summary="Issue a certificate for each row, in the background",
)
@idempotent
def start(request: ApiRequest, ca: str, body: TableIn) -> Status[dict[str, Any]]:
    found = queries.private_ca(request.actor, ca)
    made = services.start_batch(request.actor, found, body.csv, template=body.template, at=request.at)
    return Status(201, batch_out(made))


@router.get(
    "/certificate-batches", auth=customer(), response=PageOut[BatchOut], summary="The account's batches"
)
def list_batches(
    request: ApiRequest, filters: Annotated[BatchFilter, Query(...)], paging: PageQuery
) -> dict[str, object]:
    ca = queries.private_ca(request.actor, filters.ca) if filters.ca else None
    found = queries.batches(request.actor, ca=ca, state=filters.state or "")
    return answer(found, paging, sorts=SORTS, out=batch_out)


@router.get("/certificate-batches/{batch}", auth=customer(), response=BatchOut, summary="How far one is")
def show_batch(request: ApiRequest, batch: str) -> dict[str, Any]:
    return batch_out(queries.batch(request.actor, batch))


@router.get(
    "/certificate-batches/{batch}/rows",
    auth=customer(),
    response=PageOut[BatchRowOut],
    summary="What became of each row",
)
def list_rows(request: ApiRequest, batch: str, paging: PageQuery) -> dict[str, object]:
    rows = services.rows_of(queries.batch(request.actor, batch)).order_by()
    return answer(rows, paging, sorts=ROW_SORTS, out=row_out)


@router.post(
    "/certificate-batches/{batch}/cancel",
    auth=customer(),
    response=BatchOut,
    summary="Issue no more of it; what was issued stays",
)
@idempotent
def cancel(request: ApiRequest, batch: str) -> dict[str, Any]:
    found = queries.batch(request.actor, batch)
    return batch_out(services.cancel_batch(request.actor, found, at=request.at))


@router.post(
    "/certificate-batches/{batch}/resume",
    auth=customer(),
    response=BatchOut,
    summary="Go on after whatever stopped it",
)
@idempotent
def resume(request: ApiRequest, batch: str) -> dict[str, Any]:
    found = queries.batch(request.actor, batch)
    return batch_out(services.resume_batch(request.actor, found, at=request.at))


@router.get(
    "/certificate-batches/{batch}/result.csv",
    auth=customer(),
    summary="What became of each row, as CSV",
    openapi_extra=file_of("text/csv"),
)
def result(request: ApiRequest, batch: str) -> StreamingHttpResponse:
    found = queries.batch(request.actor, batch)
    return StreamingHttpResponse(
        services.result_csv(found),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{found.public_id}.csv"'},
    )


@router.post(
    "/certificate-batches/{batch}/certificates.zip",
    auth=customer(),
    summary="Its certificates in one archive; their keys with them, encrypted",
    openapi_extra=file_of("application/zip"),
)
def fetch(request: ApiRequest, batch: str, body: PackIn) -> FileResponse:
    found = queries.batch(request.actor, batch)
    packed = services.archive(request.actor, found, passphrase=body.passphrase, at=request.at)
    return FileResponse(packed, as_attachment=True, filename=f"{found.public_id}.zip")
