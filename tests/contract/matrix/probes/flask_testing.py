"""Its TestCase runs tests with a client, templates and redirects."""

import unittest

from flask import Flask, redirect, render_template_string
from flask_testing import TestCase

app = Flask(__name__)


@app.get("/")
def index():
    return render_template_string("hello {{ name }}", name="Ada")


@app.get("/go")
def go():
    return redirect("/")


@app.get("/json")
def data():
    return {"a": 1}


class Pages(TestCase):
    def create_app(self):
        return app

    def test_page(self):
        self.assert200(self.client.get("/"))
        self.assert_context("name", "Ada")

    def test_redirect(self):
        self.assertStatus(self.client.get("/go"), 302)

    def test_json(self):
        self.assertEqual(self.client.get("/json").json, {"a": 1})

    def test_missing(self):
        self.assert404(self.client.get("/missing"))


def talk(client):
    client.get("/")
    for test in unittest.defaultTestLoader.loadTestsFromTestCase(Pages):
        result = unittest.TestResult()
        test(result)
        client.note(
            test.id().rpartition(".")[2],
            [text.splitlines()[-1] for _, text in result.errors + result.failures],
        )
