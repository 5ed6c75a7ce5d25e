"""`erlen deploy TARGET`: the files that stand around an application in production, written for it.

===============  =================================================================================
`site`           `Site`: what the files are written from
`reading`        reads it from the application and the options
`start_command`  how each server is started
`quoting`        texts as words of each file format
`files`          `File`: one file, with its head comment and its fingerprint
`writing`        writes files, shows differences, keeps what somebody has changed
`table`          the targets, by name
===============  =================================================================================

Each target is a module with a function that takes a `Site` and yields files.
"""
