class Base:
    SECRET_KEY = "dev"
    JSON_AS_ASCII = False  # old: flask.Flask.config[JSON_AS_ASCII]


class Production(Base):
    ENV = "production"  # old: flask.Flask.config[ENV]
