"""Where values of this work come from, beside its text, its scripts and us."""

from functools import partial

from reensayo.spec import sourced

assignment = partial(sourced, "assignment")
"""Asked for by the assignment."""
