from flask import Flask
import json

# flask框架可以从.py文件、配置文件、环境变量中获取配置,最终保存于app.config字典中。
app = Flask(__name__)
app.config.from_object("config")
app.config.from_pyfile("settings.py")
app.config.from_file("settings.json", load=json.load)
app.config.from_envvar("NOTES_SETTINGS")
app.config.from_prefixed_env()
app.config["DIRECT"] = "direct"


@app.cli.command("show")
def show():
    print(json.dumps({key: app.config[key] for key in sorted(app.config) if key.startswith("FROM_")}))
    print(app.config["DIRECT"], "lower" in app.config, isinstance(app.config, dict), app.config["NESTED"])
