"""What stored trials say of an original's claims.

    judge.py      a headline for every claim, with a column a recipe
    basis.py      what a verdict rests on: own trials, shipped ones, reduced ones
    findings.py   each kind of test on its numbers: an estimate, an interval, a verdict
    explain.py    what was found, in words, and the command that would find more
    agreement.py  own trials beside those that come with an original
    times.py      seconds taken in turn
    compare.py    two recipes side by side
    current.py    which stored trials count, which cannot be read, which come with an original
    stats.py      intervals and tests over seeds

Nothing is trained here, and no model is read.
"""
