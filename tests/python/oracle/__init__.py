"""A second, independent computation of the warehouse in plain Python.

The modules read the raw inputs and compute every mart from the written definitions,
without a line of SQL. Tests compare their rows with the tables dbt builds: a number
that both computations agree on was not got wrong twice in the same way.
"""
