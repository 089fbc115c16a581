import rosenblatt
from rosenblatt.cli.catalogue import MODELS


def test_every_estimator_that_can_be_fitted_is_a_model_of_the_command_line():
    offered = {estimator.__name__ for model in MODELS.values() for estimator in model.classes().values()}
    fitted = {name for name in rosenblatt.estimators() if hasattr(getattr(rosenblatt, name), "fit")}
    assert offered == fitted


def test_tasks_are_those_that_a_target_can_decide_between_or_that_needs_none():
    for model in MODELS.values():
        tasks = set(model.estimators)
        assert tasks <= {"classification", "regression"} or tasks in ({"reconstruction"}, {"generation"})
        assert model.summary.endswith(".")
