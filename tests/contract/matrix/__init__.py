"""The matrix of extensions: what was run on Flask and on Erlen, what passed, and the pages made of it.

=================  =============================================================================
`packages.txt`     the packages that are tried, read by `packages`
`probes/`          for each, a program that uses it, sent to by `worker` in an environment of its own
`environments`     those environments: a group of packages beside Flask and Erlen's wheel
`probing`          runs probes and imports, and compares
`suites`           runs the test suites of extensions, on both protocols
`records`          what a run told: one file in `results/`
`pages`, `chart`   what is made of the records
=================  =============================================================================

A run that is made elsewhere joins by saving a record of its own: `Record(name="flask-script",
version="2.0.6", kind="application", legacy="1.1", flask="1.1.4", …).save()`, then `pages`.
"""
