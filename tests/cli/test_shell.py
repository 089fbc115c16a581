import json
import os
import re
import resource
import subprocess
import sys
import warnings

import pytest

from rosenblatt import __version__

HEAVY = {"equinox", "jax", "matplotlib", "numpy", "optax", "pandas", "pydantic", "scipy", "sklearn"}


def started(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "rosenblatt", *words], capture_output=True, text=True, timeout=120)


@pytest.mark.parametrize(
    "command", ["--help", "fit --help", "runs --help", "data --help", "--version", "fit mpl", "ftt"]
)
def test_help_and_mistyped_names_load_nothing_heavy(command):
    code = (
        "import json, sys; from rosenblatt.cli import main; "
        f"main({command.split()!r}); "
        "print(json.dumps(sorted({name.split('.')[0] for name in sys.modules})), file=sys.stderr)"
    )
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert set(json.loads(process.stderr.splitlines()[-1])) & HEAVY == set()


def processor_seconds(*words: str) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert started(*words).returncode == 0
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def test_help_is_there_at_once():
    """The processor's time, on a machine that may be busy: 0.2 s and 2.3 s were measured on a quiet one."""
    assert any(processor_seconds("--help") < 0.5 for _ in range(3))
    assert any(processor_seconds("fit", "--help") < 0.5 for _ in range(3))
    assert any(processor_seconds("fit", "mlp", "--help") < 4 for _ in range(3))


def test_help_names_the_commands(run):
    ended = run("--help")
    assert ended.code == 0
    for name in ("fit", "predict", "evaluate", "transform", "reconstruct", "interpolate", "describe", "data", "runs"):
        assert name in ended.out
    assert run("").out == ended.out


def test_help_of_fit_lists_the_models(run):
    ended = run("fit --help")
    assert "Multi-layer perceptron" in ended.out
    assert "Rosenblatt's perceptron" in ended.out


def test_help_of_a_model_has_each_field_with_type_range_default_and_text(run):
    text = " ".join(run("fit mlp --help").out.replace("│", " ").split())
    assert "--dropout FLOAT The probability with which each hidden unit is dropped" in text
    assert "[range: >= 0, < 1] [default: 0.0]" in text
    assert "--hidden-layer-sizes INT... Units of each hidden layer" in text
    assert "[choices: elu, gelu, identity, leaky_relu, relu, sigmoid, softplus, tanh] [default: relu]" in text
    assert "--batch-size INT|CHOICE" in text
    assert "For regression only. [choices: absolute, huber, poisson, square] [default: square]" in text
    assert text.index("Model ─") < text.index("Training ─") < text.index("Fit ─") < text.index("Data ─")
    assert "--callbacks" not in text
    assert "--network" not in text


def test_version(run):
    assert run("--version").out.strip() == __version__


@pytest.mark.parametrize(
    ("command", "message", "help_command"),
    [
        ("ftt", "there is no 'ftt'. Did you mean 'fit'? There are fit, predict,", "rosenblatt --help"),
        (
            "fit mpl digits",
            "there is no 'mpl'. Did you mean 'mlp'? There are autoencoder, conv, factorvae, gan, mlp, perceptron, vae.",
            "rosenblatt fit --help",
        ),
        ("runs lst", "there is no 'lst'. Did you mean 'list'?", "rosenblatt runs --help"),
        ("describe mpl digits", "There is nothing at .*mpl\\. Did you mean 'mlp'?", "rosenblatt describe --help"),
        ("fit mlp digts", "There is no data set 'digts'.*Did you mean 'digits'?", "rosenblatt fit mlp --help"),
        ("fit mlp ./digits.csv", "There is no file or folder './digits.csv'", "rosenblatt fit mlp --help"),
        ("fit mlp digits --hiden-layer-sizes 3", "Unknown option: --hiden-.* Did you mean --hidden-layer-sizes?", ""),
        ("fit mlp digits --activation rellu", 'Invalid value "rellu" for --activation.*Did you mean "relu"?', ""),
        ("fit mlp digits --dropout 1.5", 'Invalid value "1.5" for --dropout. Input should be less than 1.', ""),
        ("fit mlp digits --dropout much", 'Invalid value for --dropout: unable to convert "much" into float', ""),
        ("fit mlp digits --max-epochs 1.5", "--max-epochs needs whole numbers, and 1.5 is none", ""),
        ("fit mlp digits --batch-size 6.5", "--batch-size needs whole numbers, and 6.5 is none", ""),
        ("fit mlp digits --hidden-layer-sizes 3 4.5", "--hidden-layer-sizes needs whole numbers, and 4.5 is none", ""),
        ("fit mlp digits --hidden-layer-sizes 3 0", "Input should be greater than or equal to 1.", ""),
        ("fit mlp digits --random-state -1", "Input should be greater than or equal to 0.", ""),
        ("fit mlp", 'Command "fit mlp" parameter DATA requires an argument', ""),
        ("fit mlp digits moons", "there is nothing to do with moons.", ""),
        ("tour gtaes", 'Did you mean "gates"?', "rosenblatt tour --help"),
        ("runs rm", "parameter RUNS requires an argument", "rosenblatt runs rm --help"),
    ],
)
def test_what_is_called_wrongly_is_refused_with_what_was_meant(run, command, message, help_command):
    ended = run(command)
    assert ended.code == 2
    assert ended.out == ""
    first, second = ended.err.splitlines()
    assert re.search(message.replace("?", r"\?"), first), first
    assert help_command in second
    assert second.endswith("--help says more.")


def ends_with(error: Exception, monkeypatch) -> None:
    """``runs show`` raises."""

    def fail(*arguments, **more):
        raise error

    monkeypatch.setattr("rosenblatt.runs.folder.RunFolder.open", fail)


@pytest.mark.parametrize("error", [ValueError, OSError, ImportError, ArithmeticError, RuntimeError, MemoryError])
def test_a_failure_is_one_line_and_exit_code_1(run, monkeypatch, error):
    ends_with(error("the disk is full\nand more"), monkeypatch)
    assert run("runs show .") == (1, "", "error: the disk is full\n")
    assert run("runs show . --json") == (1, "", "error: the disk is full\n")


def test_what_nobody_expected_says_its_kind_and_how_to_see_where(run, monkeypatch):
    ends_with(AttributeError("'x' has no y"), monkeypatch)
    message = "error: AttributeError: 'x' has no y (unexpected: --traceback shows where it happened)\n"
    assert run("runs show .") == (1, "", message)


def test_a_failure_without_words_says_its_kind(run, monkeypatch):
    ends_with(MemoryError(), monkeypatch)
    assert run("runs show .").err == "error: MemoryError\n"


def test_traceback_shows_where(run, monkeypatch):
    ends_with(ValueError("the disk is full"), monkeypatch)
    ended = run("runs show . --traceback")
    assert ended.code == 1
    assert ended.err.startswith("Traceback (most recent call last):")
    assert "run_commands.py" in ended.err
    assert ended.err.endswith("ValueError: the disk is full\n")


def test_ctrl_c_is_exit_code_130(run, monkeypatch):
    ends_with(KeyboardInterrupt(), monkeypatch)
    assert run("runs show .") == (130, "", "interrupted\n")


def test_warnings_are_lines_on_standard_error(run, monkeypatch):
    def warn(*arguments):
        warnings.warn("mind the gap", UserWarning, stacklevel=2)
        return []

    monkeypatch.setattr("rosenblatt.runs.folder.list_runs", warn)
    assert run("runs list . --json") == (0, "[]\n", "warning: mind the gap\n")


def test_the_module_is_the_command_and_a_reader_may_leave():
    read, write = os.pipe()
    os.close(read)
    process = subprocess.run(
        [sys.executable, "-m", "rosenblatt", "data", "list"], stdout=write, stderr=subprocess.PIPE, text=True
    )
    os.close(write)
    assert process.returncode == 1
    assert process.stderr == ""
