"""A receipt as PDF, in the reader's language.

Helvetica for western Europe; else a Chinese font that every PDF reader brings along, with Cyrillic and Greek.
"""

import io
from datetime import datetime
from typing import Any
from xml.sax.saxutils import escape
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from hanaper.apps.orders.services import Receipt
from hanaper.core.readable import moment_in
from hanaper.faces.console.labels import label
from hanaper.faces.console.tags import money
from hanaper.faces.language.sentences import translate

CHINESE = "STSong-Light"
MARGIN = 22 * mm
RULE = colors.HexColor("#d9e0e6")


def receipt_pdf(receipt: Receipt) -> bytes:
    """The bytes of a one-page PDF (more pages for many lines)."""
    written = io.BytesIO()
    order = receipt.order
    document = SimpleDocTemplate(
        written,
        pagesize=A4,
        leftMargin=MARGIN,
        rightMargin=MARGIN,
        topMargin=MARGIN,
        bottomMargin=MARGIN,
        title=f"{_('Receipt')} {order.public_id}",
        author=settings.CA_ORGANIZATION,
    )
    font = _font(order.account.name + order.public_id)
    text = ParagraphStyle("text", fontName=font, fontSize=10, leading=14)
    title = ParagraphStyle("title", parent=text, fontSize=18, leading=24)
    document.build(
        [
            Paragraph(escape(_("Receipt")), title),
            Spacer(1, 4 * mm),
            _facts(receipt, text, font),
            Spacer(1, 6 * mm),
            _lines(receipt, text, font),
            Spacer(1, 6 * mm),
            _payments(receipt, font),
        ]
    )
    return written.getvalue()


def _font(names: str) -> str:
    if (
        not (get_language() or "").startswith("zh")
        and names.encode("cp1252", "ignore").decode("cp1252") == names
    ):
        return "Helvetica"
    pdfmetrics.registerFont(UnicodeCIDFont(CHINESE))
    return CHINESE


def _facts(receipt: Receipt, text: ParagraphStyle, font: str) -> Table:
    order = receipt.order
    rows = [
        (_("Order"), order.public_id),
        (_("Customer"), order.account.name),
        (_("Paid"), _moment(receipt.paid_at)),
        (_("Seller"), settings.CA_ORGANIZATION),
    ]
    if order.refunded_at:
        rows.append((_("Refunded"), _moment(order.refunded_at)))
    cells = [[name, Paragraph(escape(value), text)] for name, value in rows]
    return Table(cells, colWidths=[35 * mm, 131 * mm], style=[("FONTNAME", (0, 0), (-1, -1), font)])


def _moment(at: datetime) -> str:
    return moment_in(at, ZoneInfo(timezone.get_current_timezone_name()), get_language() or "en")


def _lines(receipt: Receipt, text: ParagraphStyle, font: str) -> Table:
    order, currency = receipt.order, receipt.order.currency
    rows: list[list[Any]] = [[_("Product"), _("Quantity"), _("Price"), _("Amount")]]
    for line in order.lines.all():
        name = Paragraph(escape(translate(line.product.name)), text)
        rows.append([name, line.quantity, money(line.unit_price, currency), money(line.subtotal, currency)])
    for caption, amount in (
        (_("Discount"), -order.discount),
        (_("Coupon"), -order.coupon_share),
        (_("Voucher"), -order.voucher_share),
    ):
        if amount:
            rows.append([caption, "", "", money(amount, currency)])
    rows.append([_("Paid in money"), "", "", money(order.money, currency)])
    if order.tax_amount:
        rows.append([_("Tax included"), "", "", money(order.tax_amount, currency)])
    return Table(rows, colWidths=[86 * mm, 20 * mm, 30 * mm, 30 * mm], style=_style(font), repeatRows=1)


def _payments(receipt: Receipt, font: str) -> Table:
    currency = receipt.order.currency
    rows = [[_("Means"), _("Amount"), _("Given back")]]
    for part in receipt.parts:
        means = label(part.means) + (f" ···{part.last_four}" if part.last_four else "")
        rows.append([means, money(part.captured, currency), money(part.refunded, currency)])
    return Table(rows, colWidths=[86 * mm, 40 * mm, 40 * mm], style=_style(font), repeatRows=1)


def _style(font: str) -> TableStyle:
    return TableStyle(
        [
            ("FONTNAME", (0, 0), (-1, -1), font),
            ("FONTSIZE", (0, 0), (-1, -1), 10),
            ("ALIGN", (1, 0), (-1, -1), "RIGHT"),
            ("LINEBELOW", (0, 0), (-1, -1), 0.5, RULE),
            ("TEXTCOLOR", (0, 0), (-1, 0), colors.HexColor("#55616f")),
            ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
        ]
    )
