"""A query, a mutation and the page to try them."""

import graphene
from flask import Flask
from flask_graphql import GraphQLView


class Query(graphene.ObjectType):
    hello = graphene.String(name=graphene.String(default_value="World"))

    def resolve_hello(self, info, name):
        return f"Hello, {name}!"


app = Flask(__name__)
app.add_url_rule(
    "/graphql", view_func=GraphQLView.as_view("graphql", schema=graphene.Schema(query=Query), graphiql=True)
)


def talk(client):
    client.get("/graphql?query={hello}")
    client.post("/graphql", json={"query": '{hello(name: "Ada")}'})
    client.post("/graphql", json={"query": "{nothing}"})
    client.get("/graphql", headers={"Accept": "text/html"})
