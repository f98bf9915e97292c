"""What signing up makes: a person, and an account of which they are the owner."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.db import transaction
from django.http import HttpRequest

from hanaper import clock
from hanaper.apps.accounts import services
from hanaper.core.actor import Actor, ActorKind


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    def save_user(self, request: HttpRequest, user: Any, form: Any, commit: bool = True) -> Any:
        """Person and account in one transaction: nobody is left without an account."""
        with transaction.atomic():
            user = super().save_user(request, user, form, commit=False)
            user.email = user.email.strip().lower()
            if commit:
                user.save()
                actor = Actor(
                    kind=ActorKind.CUSTOMER,
                    name=user.email,
                    user_id=user.pk,
                    address=request.META.get("REMOTE_ADDR"),
                )
                services.create_account(actor, name=user.email, owner=user, at=clock.now())
        return user
