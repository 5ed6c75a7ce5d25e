from flask import Flask, request

app = Flask(__name__)


@app.route("/<path_parameter>", methods=["GET", "POST"])
def show(path_parameter):
    # HTTP 请求中参数有两个位置,1)在URL中,2)在body中
    return {
        "args": request.args,  # URL 参数
        "data": request.data.decode(),  # 请求体 字节
        "form": request.form,  # 请求体 Content-Type 为 application/x-www-form-urlencoded
        "files": {name: file.read().decode() for name, file in request.files.items()},
        "values": request.values.to_dict(),  # args + form
        "json": request.json if request.is_json else None,  # 请求体 Content-Type 为 application/json
        "view_args": request.view_args,  # 路径参数
    }
