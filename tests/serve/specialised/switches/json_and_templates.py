"""The JSON provider or the environment of templates overrides something, or the json module is patched."""

from __future__ import annotations

import json
from functools import partial

import jinja2

from tests.serve.specialised.general_form import GeneralForm, calling_super, patched
from tests.serve.specialised.switch import switch


@switch(
    probe="json",
    takes=("erlen.serve.results:make_response", "erlen.json.provider:DefaultJSONProvider.response"),
    for_each=("dumps", "response"),
)
def the_json_provider_overrides(form: GeneralForm, method: str) -> None:
    form.mix_into("json_provider_class", calling_super(method))


@switch(probe="json", leaves="erlen.json.provider:_Encoder.encode", takes="json:dumps")
def json_dumps_is_patched(form: GeneralForm) -> None:
    form.contexts_around_requests.append(partial(patched, json, "dumps"))


@switch(probe="posted", takes="json:loads")
def json_loads_is_patched(form: GeneralForm) -> None:
    form.contexts_around_requests.append(partial(patched, json, "loads"))


@switch(probe="page", takes="jinja2:Environment.from_string")
def the_environment_compiles_strings_each_time(form: GeneralForm) -> None:
    form.mix_into("jinja_environment", calling_super("from_string"))


@switch(
    probe="page",
    leaves="erlen.templating.environment:_Template.new_context",
    takes="jinja2:Template.new_context",
)
def the_environment_has_a_class_for_templates(form: GeneralForm) -> None:
    form.mix_into("jinja_environment", HavingATemplateClass)


class Template(jinja2.Template): ...


class HavingATemplateClass:
    template_class = Template
