"""What surrounds a request: an active application, the server's environ, receivers of signals, proxies."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from werkzeug.local import LocalProxy

import erlen
import erlen.signals
from erlen import context_proxies
from erlen.serve.teardown import PRESERVE_CONTEXT
from tests.seams import SIGNALS
from tests.serve.specialised.general_form import GeneralForm
from tests.serve.specialised.switch import switch


@switch(leaves="erlen.serve.steps:run", takes="erlen.gateway.wsgi:_answer_through_seams")
def another_application_is_active(form: GeneralForm) -> None:
    form.contexts_around_requests.append(inside_another_application)


@contextmanager
def inside_another_application() -> Iterator[None]:
    with erlen.Erlen("another", static_folder=None).app_context():
        yield


@switch(leaves="erlen.serve.steps:run", takes=f"{__name__}:enter_no_context_again")
def the_server_asks_for_the_contexts(form: GeneralForm) -> None:
    """As the test client does, which enters them again afterwards."""

    def ask_for_contexts(environ: dict[str, Any]) -> None:
        environ[PRESERVE_CONTEXT] = enter_no_context_again

    form.changes_of_environ.append(ask_for_contexts)


def enter_no_context_again(context: object) -> None: ...


@switch(takes="erlen.serve.matching:match_by_adapter")
def a_request_has_the_header_of_a_handshake(form: GeneralForm) -> None:
    def add_header(environ: dict[str, Any]) -> None:
        environ["HTTP_UPGRADE"] = "h2c"

    form.changes_of_environ.append(add_header)


# The views that send the signals that not every request sends.
VIEW_THAT_SENDS = {
    "got_request_exception": "fails",
    "message_flashed": "flash",
    "before_render_template": "page",
    "template_rendered": "page",
}


def a_receiver_is_connected_to(form: GeneralForm, signal: str) -> None:
    form.contexts_around_requests.append(partial(receiving, signal))


for _signal in SIGNALS:
    switch(
        probe=VIEW_THAT_SENDS.get(_signal, "text"),
        takes=f"{__name__}:ignore_signal",
        for_each=[_signal],
    )(a_receiver_is_connected_to)


def ignore_signal(sender: object, **kwargs: object) -> None: ...


@contextmanager
def receiving(name: str) -> Iterator[None]:
    signal = getattr(erlen.signals, name)
    signal.connect(ignore_signal)
    try:
        yield
    finally:
        signal.disconnect(ignore_signal)


@switch(
    probe="proxies",
    leaves=(
        "erlen.context_proxies:_RequestProxy.__getattribute__",
        "erlen.context_proxies:_GProxy.__getattribute__",
    ),
)
def the_proxies_are_those_of_werkzeug(form: GeneralForm) -> None:
    form.public_names.update(
        request=LocalProxy(context_proxies.require_request),
        session=LocalProxy(context_proxies.require_session),
        current_app=LocalProxy(context_proxies.require_app),
        g=LocalProxy(context_proxies.require_g),
    )
