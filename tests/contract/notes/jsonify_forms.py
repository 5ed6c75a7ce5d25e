from flask import Flask, jsonify

app = Flask(__name__)


@app.route("/error")
def error():
    return jsonify(message='Error!'), 500


@app.route("/dict")
def dictionary():
    ret_data = {"name": "lichangan", "gender": "male"}
    return jsonify(ret_data)


@app.route("/arguments")
def arguments():
    return jsonify(name="lichangan", gender="male")
