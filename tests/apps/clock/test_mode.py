"""Whether an installation is a sandbox is decided by its first start."""

import pytest

from hanaper.apps.clock.models import Installation
from hanaper.apps.clock.services import pin_mode, refuse_other_mode
from hanaper.core.errors import Refusal

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("sandbox", [True, False])
def test_decided_once(settings, sandbox):
    settings.SANDBOX = sandbox
    refuse_other_mode()  # nothing is decided yet
    pin_mode()
    pin_mode()
    settings.SANDBOX = not sandbox
    for starts in (pin_mode, refuse_other_mode):
        with pytest.raises(Refusal) as refused:
            starts()
        assert refused.value.code == "wrong_mode"
        assert f"HANAPER_MODE={'sandbox' if sandbox else 'production'}" in refused.value.next_steps[0]
    assert Installation.objects.get().sandbox is sandbox
