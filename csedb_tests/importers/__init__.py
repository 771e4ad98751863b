"""Other formats into banks, answers and verdicts of ours: one module per format, over what they all need.

``intake`` takes cases from a format and writes them by way of ``cells`` (a bank's files), ``recordings`` (answers and
verdicts) and ``staging`` (all or nothing); ``report`` says what became of every part of the source.
"""
