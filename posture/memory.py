"""How long-lived processes that audit use memory."""

import gc


def settle() -> None:
    """Call once a process has imported what it needs, before it audits.

    The garbage collector then passes over what was made until now, and looks less often: an
    audit makes tens of thousands of small objects that all live until its end, and looking
    through them again and again is a tenth of its CPU time. Memory in cycles is still freed.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
