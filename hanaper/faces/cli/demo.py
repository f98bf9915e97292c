"""`hanaper demo`: a whole story, offline, in a folder of its own."""

import shutil
import tempfile
import time
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from hanaper.core.errors import Refusal
from hanaper.demo import acts, gateway, private_ca
from hanaper.demo.stage import DemoFailed, Stage
from hanaper.demo.teller import Teller
from hanaper.faces.cli import output

app = typer.Typer(help="See everything happen, in a minute or a few.")


class Told(StrEnum):
    REFUNDS = "refunds"
    PRIVATE_CA = "private-ca"
    GATEWAY = "gateway"


PLAYS = {Told.REFUNDS: acts.play, Told.PRIVATE_CA: private_ca.play, Told.GATEWAY: gateway.play}


@app.command()
def demo(
    story: Annotated[
        Told, typer.Argument(help="Certificates and refunds, the life of a private CA, or a gateway.")
    ] = Told.REFUNDS,
    keep: Annotated[bool, typer.Option(help="Keep the folder, with database and log.")] = False,
) -> None:
    """Buy, prove domains, get certificates, change one's mind, get the money back; exit status 0 only if all
    of it happened."""
    began = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="hanaper-demo-"))
    output.note(f"SANDBOX, on loopback, offline, in {folder}")
    stage = Stage(folder, gateway=story is Told.GATEWAY)
    try:
        stage.start()
        PLAYS[story](stage, Teller())
    except DemoFailed as failed:
        keep = True
        raise Refusal(f"The demo failed: {failed}", code="demo_failed") from failed
    finally:
        stage.stop()
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)
    output.note(f"All of it happened, in {time.monotonic() - began:.0f} seconds.")
