"""Spans of requests, with their routes, and of an error."""

from flask import Flask
from opentelemetry import trace
from opentelemetry.instrumentation.flask import FlaskInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

exporter = InMemorySpanExporter()
provider = TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(exporter))
trace.set_tracer_provider(provider)

app = Flask(__name__)
FlaskInstrumentor().instrument_app(app)


@app.get("/things/<int:number>")
def thing(number):
    return str(number)


@app.get("/broken")
def broken():
    return 1 / 0


def talk(client):
    client.get("/things/1")
    client.get("/broken")
    client.get("/missing")
    for span in exporter.get_finished_spans():
        told = {
            name: value
            for name, value in span.attributes.items()
            if "peer" not in name and "user_agent" not in name
        }
        client.note(span.name, (sorted(told.items()), span.status.status_code.name))
