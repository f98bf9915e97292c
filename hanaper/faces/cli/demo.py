"""`hanaper demo`: the whole story, offline, in a folder of its own."""

import shutil
import tempfile
import time
from pathlib import Path
from typing import Annotated

import typer

from hanaper.core.errors import Refusal
from hanaper.demo.acts import play
from hanaper.demo.stage import DemoFailed, Stage
from hanaper.demo.teller import Teller
from hanaper.faces.cli import output

app = typer.Typer(help="See everything happen, in under a minute.")


@app.callback(invoke_without_command=True)
def demo(
    keep: Annotated[bool, typer.Option(help="Keep the folder, with database and log.")] = False,
) -> None:
    """Buy, prove domains, get certificates, change one's mind, get the money back; exit status 0 only if all
    of it happened."""
    began = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="hanaper-demo-"))
    output.note(f"SANDBOX, on loopback, offline, in {folder}")
    stage = Stage(folder)
    try:
        stage.start()
        play(stage, Teller())
    except DemoFailed as failed:
        keep = True
        raise Refusal(f"The demo failed: {failed}", code="demo_failed") from failed
    finally:
        stage.stop()
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)
    output.note(f"All of it happened, in {time.monotonic() - began:.0f} seconds.")
