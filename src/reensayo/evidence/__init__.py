"""What stored trials say of an original's claims.

    judge.py     trials -> a verdict for every claim, recipe and reading
    findings.py  each kind of test on its trials: numbers, no sentences
    explain.py   what was found, in words, and the command that would find more
    compare.py   two recipes side by side
    current.py   which stored trials count, which cannot be read, which come with an original
    stats.py     intervals and tests over seeds

Nothing is trained here, and no model is read.
"""
