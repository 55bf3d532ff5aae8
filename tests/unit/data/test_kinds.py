"""Every kind of data keeps what probes and panels rely on, a toy of three lines too."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Literal

import numpy as np
import pytest
import torch

from spiral_dash import ConfigError, Run, RunConfig
from spiral_dash.core.data.dataset import SHOWN_TEST_MAX, SHOWN_TRAIN_MAX, Dataset, make_dataset
from spiral_dash.core.data.kind import DataConfig, Sample
from spiral_dash.core.data.points import PointsData
from spiral_dash.core.data.registry import KINDS, register
from spiral_dash.core.data.rows import Rows
from spiral_dash.core.data.spiral import SpiralData
from spiral_dash.core.probes import PROBES, ProbeError

GENERATED = sorted(KINDS.keys() - {"points"})
SHARES = (0.1, 0.33, 0.5, 0.67, 0.9, 1.0)


@pytest.fixture
def toy() -> Iterator[type[DataConfig]]:
    """A kind that no file knows: three classes, three numbers, no coordinate, off centre."""

    class ToyData(DataConfig):
        kind: Literal["toy"] = "toy"
        samples: int = 40

        def sample(self, generator: np.random.Generator, rows: Rows | None) -> Sample:
            labels = generator.permutation(np.arange(3 * self.samples) % 3)
            points = generator.normal([1000, 50, -7], 1, (len(labels), 3))
            points[:, 1] += 4 * labels
            return Sample(points, labels, ["a", "b", "c"])

    yield register(ToyData)
    del KINDS["toy"]


def test_a_registry_entry_is_a_dataset(toy: type[DataConfig]) -> None:
    config = RunConfig.parse({"data": {"kind": "toy", "samples": 50}, "network": {"hidden": [6]}})
    assert RunConfig.from_query(config.to_query()) == config
    assert RunConfig.from_json(config.to_json()) == config
    run = Run(config)
    assert (run.data.classes, run.data.dimension, len(run.data.y_train)) == (3, 3, 100)
    run.train(2)
    for name, probe in PROBES.items():
        if name == "robustness_estimate":
            with pytest.raises(ProbeError, match="expected points of 2 numbers, got 3"):
                run.measure(name)
            continue
        assert run.measure(name)
        if probe.summary:
            assert len(run.over_time(name)["epochs"]) == 3
    again = Run.restore(run.checkpoint())
    assert torch.equal(again.network.flat, run.network.flat)


def test_two_kinds_of_one_name_are_a_mistake(toy: type[DataConfig]) -> None:
    with pytest.raises(AssertionError, match="toy"):
        register(toy)


def of(kind: str, **settings: object) -> DataConfig:
    return RunConfig.parse({"data": {"kind": kind, **settings}}).data


def parts(data: Dataset) -> list[tuple[torch.Tensor, torch.Tensor]]:
    return [(data.x_train, data.y_train), (data.x_test, data.y_test)]


@pytest.mark.parametrize("kind", GENERATED)
def test_points_are_in_the_order_of_class_and_within_the_window(kind: str) -> None:
    data = make_dataset(of(kind), 5)
    for x, y in parts(data):
        assert x.dtype == torch.float32 and y.dtype == torch.int64
        assert (y.diff() >= 0).all()
        assert set(y.tolist()) == set(range(data.classes))
        inside = (data.project(x.double()).numpy() - data.centre) / data.extent
        assert np.abs(inside).max() <= 1
    assert len(data.feature_names) == data.dimension
    torch.testing.assert_close(data.plane.T @ data.plane, torch.eye(2, dtype=torch.float64))


@pytest.mark.parametrize("kind", GENERATED)
def test_a_seed_reproduces(kind: str) -> None:
    one, same, other = (make_dataset(of(kind), seed) for seed in (5, 5, 6))
    assert all(
        torch.equal(a, b)
        for a, b in zip(itertools.chain(*parts(one)), itertools.chain(*parts(same)), strict=True)
    )
    assert not torch.equal(one.x_train, other.x_train)


@pytest.mark.parametrize("kind", GENERATED)
@pytest.mark.parametrize("share", SHARES)
def test_the_split_keeps_every_class_at_its_share(kind: str, share: float) -> None:
    for seed in range(3):
        data = make_dataset(of(kind, train_share=share), seed)
        assert data.has_test is (share < 1)
        if share == 1:
            assert torch.equal(data.x_test, data.x_train)
            continue
        counts = np.stack([np.bincount(y, minlength=data.classes) for _, y in parts(data)])
        assert (counts > 0).all()
        assert (np.abs(counts[0] - share * counts.sum(axis=0)) <= 1).all()
        assert abs(counts[0].sum() - share * counts.sum()) <= 1


@pytest.mark.parametrize("sizes", [(245, 5), (2, 2), (1, 9), (3, 1, 1), (40, 41, 2, 2, 2)])
@pytest.mark.parametrize("share", SHARES)
def test_small_classes_are_on_both_sides(sizes: tuple[int, ...], share: float) -> None:
    labels = np.repeat(np.arange(len(sizes)), sizes)
    x = np.random.default_rng(0).standard_normal((len(labels), 2)).astype(np.float32)
    rows = Rows(x, labels, tuple(map(str, range(len(sizes)))), ("x1", "x2"))
    data = make_dataset(PointsData(digest=rows.digest, train_share=share), 3, rows)
    train = np.bincount(data.y_train, minlength=len(sizes))
    assert (np.abs(train - share * np.array(sizes)) <= 1).all()
    assert (train >= 1).all()
    if share < 1:
        assert (train[np.array(sizes) > 1] < np.array(sizes)[np.array(sizes) > 1]).all()


@pytest.mark.parametrize("kind", GENERATED)
def test_the_plane_holds_the_variance_that_it_says(kind: str) -> None:
    data = make_dataset(of(kind), 1)
    x = data.x_train.double()
    back = data.embed(data.project(x))
    total = (x - x.mean(0)).square().sum()
    lost = float((x - back).square().sum() / total)
    assert lost == pytest.approx(0 if data.explained is None else 1 - data.explained, abs=1e-5)


def test_no_plane_holds_more_than_that_of_largest_variance() -> None:
    data = make_dataset(of("digits"), 1)
    x = data.x_train.double() - data.x_train.double().mean(0)
    _, sigma, _ = torch.linalg.svd(x)
    share = float(sigma[:2].square().sum() / sigma.square().sum())
    assert data.explained == pytest.approx(share, rel=1e-9)


def test_more_columns_than_rows_have_a_plane_too() -> None:
    generator = np.random.default_rng(2)
    x = generator.standard_normal((30, 200)).astype(np.float32)
    rows = Rows(x, np.arange(30) % 2, ("a", "b"), tuple(f"x{k}" for k in range(200)))
    data = make_dataset(PointsData(digest=rows.digest), 1, rows)
    centred = data.x_train.double() - data.x_train.double().mean(0)
    _, sigma, axes = torch.linalg.svd(centred, full_matrices=False)
    assert data.explained == pytest.approx(float(sigma[:2].square().sum() / sigma.square().sum()))
    torch.testing.assert_close((data.plane.T @ axes[:2].T).abs(), torch.eye(2).double())


@pytest.mark.parametrize("columns", [1, 2, 3])
def test_a_column_that_never_changes_is_no_harm(columns: int) -> None:
    x = np.ones((20, columns), np.float32)
    x[:, 0] = np.linspace(0, 1, 20)
    rows = Rows(x, np.arange(20) % 2, ("a", "b"), tuple(f"x{k}" for k in range(columns)))
    run = Run.from_points(x, rows.y, config=RunConfig(network={"hidden": [3]}))
    run.train(2)
    assert np.isfinite(run.history["train_loss"]).all()
    assert np.isfinite(run.measure("boundary")["confidence"]).all()


def test_large_sets_are_thinned_for_pictures_by_a_seeded_sample() -> None:
    config = SpiralData(arms=4, samples_per_arm=5000)
    data, same = make_dataset(config, 3), make_dataset(config, 3)
    shown = data.shown
    assert (len(shown.y_train), len(shown.y_test)) == (SHOWN_TRAIN_MAX, SHOWN_TEST_MAX)
    assert torch.equal(shown.x_train, same.shown.x_train)
    assert shown.coordinate_test is not None
    assert len(shown.coordinate_test.values) == SHOWN_TEST_MAX
    assert (shown.y_train.diff() >= 0).all()
    assert shown.extent == data.extent
    few = make_dataset(SpiralData(), 3)
    assert few.shown is few


def test_points_need_their_rows() -> None:
    with pytest.raises(ConfigError, match=r"data\.digest: expected the points .* got none"):
        Run(RunConfig(data={"kind": "points", "digest": "0" * 64}))
    generated = Run(RunConfig(data={"kind": "moons", "samples_per_class": 20}))
    with pytest.raises(ConfigError, match=r"got others"):
        Run(RunConfig(data={"kind": "points", "digest": "0" * 64}), rows=generated.data.rows)


@pytest.mark.parametrize("kind", GENERATED)
def test_generated_points_taken_over_as_own_are_the_same_points(kind: str) -> None:
    rows = make_dataset(of(kind), 5).rows
    data = make_dataset(PointsData(digest=rows.digest, train_share=1.0), 5, rows)
    order = np.lexsort((rows.x[:, 1], rows.x[:, 0], rows.y))
    mine = np.lexsort((data.x_train[:, 1], data.x_train[:, 0], data.y_train))
    np.testing.assert_array_equal(data.x_train.numpy()[mine], rows.x[order])
    assert data.class_names == rows.class_names


def test_the_published_two_spirals_are_settings() -> None:
    """97 points an arm, r = 6.5 (104 - i) / 104 at the angle i pi / 16 (Lang and Witbrock 1988)."""
    i = np.arange(97)
    radius, angle = 6.5 * (104 - i) / 104, i * np.pi / 16
    published = np.stack([radius * np.sin(angle), radius * np.cos(angle)], axis=1)
    config = SpiralData(
        b=1 / np.pi, phi_min=np.pi / 2, entanglement=6 * np.pi, samples_per_arm=97, train_share=1.0
    )
    data = make_dataset(config, 1)
    ours = data.x_train.double().numpy()
    for arm in (published, -published):
        nearest = np.linalg.norm(arm[:, None] - ours[None], axis=2).min(axis=1)
        assert nearest.max() < 1e-5
    facts = {fact.name: fact.value for fact in data.facts}
    assert facts["distance_l2"] == pytest.approx(0.93222, abs=1e-5)


@pytest.mark.parametrize("kind", GENERATED)
def test_facts_are_finite_and_explained(kind: str) -> None:
    for fact in make_dataset(of(kind), 5).facts:
        assert fact.value is not None and np.isfinite(fact.value)
        assert fact.about.endswith(".") and fact.label
