"""Plain formats of the list, for named partners: every module here is one, found by its name; `frame` they share.

A new format is one new module; nothing else changes. It has a `FORM` (see `frame.form`) and two functions: `refuse`
says why the format cannot name an entry exactly, `write` gives the text. Nothing is ever widened to fit.
"""
