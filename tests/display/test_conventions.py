"""What all displays have in common."""

import inspect
import subprocess
import sys

import pytest

import rosenblatt.display


@pytest.mark.parametrize("name", rosenblatt.display.__all__)
def test_a_display_is_as_scikit_learn_makes_them(name):
    display = getattr(rosenblatt.display, name)
    assert inspect.signature(display.plot).parameters["ax"].default is None
    makers = [getattr(display, attribute) for attribute in dir(display) if attribute.startswith("from_")]
    assert makers
    for maker in makers:
        assert inspect.signature(maker).parameters["ax"].default is None


def test_matplotlib_is_loaded_by_drawing_only():
    code = (
        "import rosenblatt.display as display; [getattr(display, name) for name in display.__all__]; "
        "import sys; print(sorted({'jax', 'matplotlib', 'pandas', 'sklearn'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
