#!/usr/bin/env python
# -*- coding: utf-8 -*-

from flask import Flask, request


app = Flask(__name__)


@app.route("/")
def hello():
    return "hello world！"


if __name__ == '__main__':
    app.run(host="127.0.0.1", port=1234, debug=True)
