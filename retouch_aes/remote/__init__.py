"""Folders with an address: photos and results in a bucket, or wherever else fsspec reaches.

`Store` is the one door to what lies there. A `Shadow` is such a folder laid out here as files of the same
names, sizes and times without contents, so that all that only asks for names works as ever, and
`FetchingExecutor` brings each job its photos and takes its results away, on whatever machine it is done.
"""
