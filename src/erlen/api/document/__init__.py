"""The document of an Api: OpenAPI 3.1, made from what was settled for each view.

=============  =================================================================================
`building`     the whole document, in a stable order
`operations`   one operation: parameters, body, answers
`schemas`      JSON Schema of types, and the components that have names
`comparing`    what changed between two documents, breaking changes first
`serving`      `openapi.json`, and the page that shows it
=============  =================================================================================
"""
