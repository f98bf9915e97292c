"""Certificates in every state, and policies of an operator's own."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from hanaper.apps.authority.services import ensure_builtin_ca
from tests.apps.certificates.conftest import *  # noqa: F403
from tests.apps.policies.conftest import generous, nothing_remembered

__all__ = ["generous", "nothing_remembered"]


@pytest.fixture
def builtin_ca(at: datetime, settings: Any, db: None) -> None:
    settings.STATUS_URL = "http://status.example.com"
    ensure_builtin_ca(at - timedelta(days=1))
