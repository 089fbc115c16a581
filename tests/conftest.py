"""Settings that must be made before JAX and matplotlib are imported, and fixtures that many tests use.

Compiled programs are kept between test runs in ``.cache``, which Git ignores: a second run compiles next to nothing.
"""

import os
import signal
from pathlib import Path

import pytest

os.environ.setdefault("ROSENBLATT_CACHE", str(Path(__file__).resolve().parents[1] / ".cache"))
os.environ["MPLBACKEND"] = "Agg"
# A shell makes what it runs in the background deaf to Ctrl-C, which some tests press.
signal.signal(signal.SIGINT, signal.default_int_handler)
os.environ["SCIPY_ARRAY_API"] = "1"  # without it scikit-learn skips one of its checks


def pytest_configure():
    """JAX's settings are made before any test module starts it: the cores of the machine are its devices."""
    from rosenblatt.training import devices

    devices.prepare()


@pytest.fixture(scope="session", autouse=True)
def device():
    """JAX's default device, with the compilation cache on before anything is compiled."""
    from rosenblatt.training import devices

    return devices.select("auto")


@pytest.fixture
def float64():
    """64-bit numbers in JAX, for comparisons with central differences."""
    import jax

    with jax.enable_x64(True):
        yield
