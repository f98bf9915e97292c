"""Tables of wanted certificates: what is read, and where the faults are."""

import pytest

from hanaper.core.errors import Fault, InvalidInput
from hanaper.core.private_ca.tables import MOST_ROWS, faults_of_row, from_json, in_order, read_table, to_json
from hanaper.core.x509.algorithms import KeyAlgorithm
from hanaper.core.x509.names import Subject


def where(text: str, **more: str) -> list[tuple[str, str]]:
    return [(fault.field, fault.code) for fault in read_table(text, **more)[1]]


def test_a_row_has_everything_that_a_call_can_have() -> None:
    text = (
        "Template,common_name,dns,ip,uri,key_algorithm,days\r\n"
        'server,a.example,"a.example; b.example\nc.example",10.0.0.1 ::1,https://a.example/?x;y,ec-p384,30\r\n'
    )
    rows, faults = read_table(text)
    assert not faults and [row.number for row in rows] == [2]
    request = rows[0].request
    assert request.subject == Subject(common_name="a.example")
    assert request.names == {
        "dns": ["a.example", "b.example", "c.example"],
        "ip": ["10.0.0.1", "::1"],
        "uri": ["https://a.example/?x;y"],
    }
    assert (request.template, request.key_algorithm, request.days) == ("server", KeyAlgorithm.EC_P384, 30)
    assert from_json(to_json(request)) == request


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_spreadsheets_of_every_country(delimiter: str) -> None:
    text = "\ufeff" + delimiter.join(["dns", "days"]) + "\n" + delimiter.join(["a.example b.example", "7"])
    rows, faults = read_table(text, template="server")
    assert not faults and rows[0].request.names == {"dns": ["a.example", "b.example"]}
    assert (rows[0].request.template, rows[0].request.days) == ("server", 7)


def test_a_request_of_its_own_leaves_names_to_it() -> None:
    rows, _ = read_table("template,csr\nserver,MIIB\n")
    request = rows[0].request
    assert request.names is None and request.subject is None
    assert request.csr is not None and request.csr.startswith("-----BEGIN CERTIFICATE REQUEST-----\nMIIB")


def test_what_an_export_guarded_is_read_as_it_was() -> None:
    rows, _ = read_table("organization,common_name\n'=Sum Ltd,'tis\n", template="client")
    assert rows[0].request.subject == Subject(organization="=Sum Ltd", common_name="'tis")


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("", [("csv", "bad_header")]),
        ("dns,what\n", [("csv", "bad_header")]),
        ("dns,dns\n", [("csv", "bad_header")]),
        ("dns\n", [("csv", "no_rows")]),
        ("dns\n\n \n", [("csv", "no_rows")]),
        ("dns\na.example,b\n", [("rows.2", "too_many_cells")]),
        ("dns,days\na,x\n\nb,0\nc,-1\n", [("rows.2.days", "not_a_number"), ("rows.4.days", "not_a_number"),
                                          ("rows.5.days", "not_a_number")]),
        ("dns,key_algorithm\na,rsa\n", [("rows.2.key_algorithm", "unknown_algorithm")]),
        ("dns\n" + "a\n" * (MOST_ROWS + 1), [("csv", "too_many_rows")]),
        ("dns\n" + "a" * 1_000_000, [("csv", "too_large")]),
        ("dns\n" + "a" * 200_000, [("rows.2", "not_csv")]),
    ],
)  # fmt: skip
def test_faults_of_a_table(text: str, faults: list[tuple[str, str]]) -> None:
    assert where(text, template="server") == faults


@pytest.mark.parametrize(
    ("text", "field", "said"),
    [
        ('dns\n"a.corp.test\nb.corp.test\n', "rows.2",
         "The quotation mark opened in row 2 is never closed: close it, or take it out."),
        ('dns,ip\na.test,\n"b.test\nc.test",\n"d.test\ne.test,\n', "rows.4",
         "The quotation mark opened in row 4 is never closed: close it, or take it out."),
        ('"dns\na.test\n', "rows.1",
         "The quotation mark opened in row 1 is never closed: close it, or take it out."),
        ('dns\n"a.test\n"b.test"\n', "rows.2",
         "In row 2 something stands right after a closing quotation mark: is one before it not closed? Within"
         " quotation marks, write each twice."),
        ('dns\n"' + "a" * 140_000, "rows.2",
         "A cell in row 2 has more than 131,072 characters: is a quotation mark before it not closed? A cell"
         " holds a CSR, or a few names."),
        ("dns,DNS,days,ip,days\na.test\n", "csv",
         "These columns are there more than once: days, dns. Put each into one."),
        ("dns,common_name\na.test,a\0b\n", "rows.2.common_name",
         "There is a character in it that stands for nothing (U+0000): take it out."),
    ],
)  # fmt: skip
def test_what_no_table_can_be_and_where(text: str, field: str, said: str) -> None:
    rows, faults = read_table(text, template="server")
    assert ([(fault.field, fault.message) for fault in faults], len(rows)) == ([(field, said)], len(rows))
    assert all("\n" not in str(row.request.names) for row in rows)


def test_faults_are_told_as_one_reads() -> None:
    fields = ["rows.5.days", "rows.10.dns", "rows.5.template", "rows.5", "csv", "rows.5.dns"]
    assert [fault.field for fault in in_order(Fault(field, "x") for field in fields)] == [
        "csv", "rows.5", "rows.5.template", "rows.5.dns", "rows.5.days", "rows.10.dns",
    ]  # fmt: skip


def test_a_row_without_a_template() -> None:
    assert where("dns\na.example\n") == [("rows.2.template", "missing")]


def test_what_is_wrong_with_a_request_is_told_at_its_column() -> None:
    faults = [Fault("names.dns.0", "x", "a"), Fault("subject.country", "x", "b"), Fault("names", "x", "c")]
    found = faults_of_row(7, InvalidInput("x", faults=faults))
    assert [fault.field for fault in found] == ["rows.7.dns", "rows.7.country", "rows.7.dns"]
    assert faults_of_row(7, InvalidInput("x"))[0].field == "rows.7"


def test_a_column_that_there_is_not_is_named() -> None:
    _, (fault,) = read_table("dns,colour\na.example,red\n")
    assert fault.message.startswith("There are no such columns: colour. The first row names")
