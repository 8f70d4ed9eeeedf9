"""What scripts expect of the client beyond plain assertions."""

import atexit
import contextlib

from mlflow.exceptions import MlflowException, RestException

_done = 0


def _count():
    global _done
    _done += 1


# For who runs the script, to see that it went through all of its checks.
atexit.register(lambda: print(f"{_done} checks"))


@contextlib.contextmanager
def refused(code, saying=""):
    """The block must end in the exception that the client makes of an error answer with this error_code."""
    try:
        yield
    except RestException as refusal:
        assert refusal.error_code == code, f"{refusal.error_code}, not {code}: {refusal}"
        assert saying in str(refusal), f"{saying!r} is not in {refusal}"
        _count()
    except MlflowException as refusal:
        raise AssertionError(f"refused by the client itself: {refusal}") from refusal
    else:
        raise AssertionError(f"nothing was refused with {code}")


def equal(found, wanted):
    assert found == wanted, f"found {found!r}, wanted {wanted!r}"
    _count()
