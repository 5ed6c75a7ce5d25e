import threading

import flask
from flask import g


class Singleton(type):
    __instance = None

    def __call__(cls, *args, **kwargs):
        if not cls.__instance:
            cls.__instance = type.__call__(cls, *args, **kwargs)
        return cls.__instance


class LocalProxy(metaclass=Singleton):
    __local = threading.local()
    __lock = threading.Lock()
    __attribute_set = {
        # 接口请求者相关信息(保证如下信息均为同一请求者)
        'user_id',  # 用户id
        'user_name'  # 用户名称
    }

    def __setattr__(self, key, value):
        if key not in self.__attribute_set:
            raise AttributeError("attribute does not exist")
        setattr(self.__local, key, value)

    def __getattr__(self, item):
        if item not in self.__attribute_set:
            raise AttributeError("attribute does not exist")
        return getattr(self.__local, item, None)

    def __delattr__(self, item):
        if item not in self.__attribute_set:
            raise AttributeError("attribute does not exist")
        delattr(self.__local, item)

    def release(self):
        with self.__lock:
            for attr in self.__attribute_set:
                if attr in self.__local.__dict__:
                    delattr(self, attr)


class GProxy(metaclass=Singleton):
    """
    代理 flask g,避免直接使用 g 造成线程全局变量的管理混乱
    在 __slots__ 中预先定义需要的线程全局变量
    """
    __slots__ = (
        # 接口请求者相关信息(保证如下信息均为同一请求者)
        'user_id',  # 用户id
        'user_name'  # 用户名称
    )

    def __setattr__(self, key, value):
        if key not in self.__slots__:
            raise AttributeError("attribute does not exist")
        setattr(g, key, value)

    def __getattr__(self, item):
        if item not in self.__slots__:
            raise AttributeError("attribute does not exist")
        return getattr(g, item, None)


app = flask.Flask("123")


@app.before_request
def remember():
    LocalProxy().release()
    LocalProxy().user_id = flask.request.args.get("user_id")
    GProxy().user_id = flask.request.args.get("user_id")
    GProxy().user_name = flask.request.args.get("user_name")


@app.route("/")
def who():
    return {
        "local": [LocalProxy().user_id, LocalProxy().user_name],
        "g": [GProxy().user_id, GProxy().user_name, g.user_id],
    }


if __name__ == '__main__':
    with flask.Flask("123").app_context():
        GProxy().user_name = "kept in g"
        print(GProxy().user_name, GProxy().user_id)
        print(GProxy().password)
