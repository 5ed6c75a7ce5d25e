"""The session interface overrides something."""

from __future__ import annotations

from typing import Any

from itsdangerous import URLSafeTimedSerializer

from erlen.sessions import SecureCookieSessionInterface
from tests.serve.specialised.general_form import GeneralForm, calling_super
from tests.serve.specialised.switch import switch

OPENED_EARLY_AND_SAVED = ("erlen.ctx:RequestContext.open_session", "erlen.serve.steps:save_session")


@switch(
    takes=OPENED_EARLY_AND_SAVED,
    plan_loses="lazy_session",
    for_each=("open_session", "save_session", "get_cookie_name", "should_set_cookie"),
)
def the_session_interface_overrides(form: GeneralForm, method: str) -> None:
    form.mix_into("session_interface", calling_super(method))


@switch(takes=OPENED_EARLY_AND_SAVED, plan_loses="lazy_session")
def the_session_interface_has_a_method_on_the_instance(form: GeneralForm) -> None:
    def replace_interface(app: Any) -> None:
        interface = app.session_interface = type(app.session_interface)()
        interface.open_session = interface.open_session

    form.changes_of_application.append(replace_interface)


@switch(probe="session", takes="itsdangerous:Signer.derive_key", plan_loses="lazy_session")
def the_session_interface_makes_the_serializer(form: GeneralForm) -> None:
    form.mix_into("session_interface", MakingTheSerializer)


class MakingTheSerializer:
    def get_signing_serializer(self, app: Any) -> URLSafeTimedSerializer | None:
        """Make a new one for each session, as Flask does."""
        if not app.secret_key:
            return None
        own = SecureCookieSessionInterface
        signer = {"key_derivation": own.key_derivation, "digest_method": own.digest_method}
        return URLSafeTimedSerializer(
            app.secret_key, salt=own.salt, serializer=own.serializer, signer_kwargs=signer
        )
