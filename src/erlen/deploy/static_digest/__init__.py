"""Static files with hashes in their names, and compressed copies of them: `erlen static digest`.

===============  ================================================================================
`command`        the commands
`digesting`      one run over a folder
`scanning`       which files of a folder get hashed names, and which are left alone
`references`     what CSS and JavaScript say about other files
`compression`    the compressed copies
`cleaning`       the way back
`file_names`     how a hash is put into a name, and found there
`manifest`       the file that says which name stands for which
`writing`        files that are there as a whole, or not at all
`negotiation`    which copy a client may have: `Accept-Encoding`
`sending`        what an application does with it
===============  ================================================================================

An application finds it by the entry point `erlen.static_sources`, where a folder has a manifest.
"""
