"""The mapping probe against the network's own layers and a singular value decomposition."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch

from spiral_dash.core.config import ConfigError
from spiral_dash.core.probes import PROBES, ProbeError, Subject
from tests.unit.probes.subjects import diverged, network_of, spiral, subject, subject_of

Array = npt.NDArray[Any]
mapping = PROBES["mapping"]


def layer_of(measured: Subject, layer: int, part: str = "train") -> Array:
    """(N, units) by torch."""
    x = getattr(measured.data, f"x_{part}").double()
    with torch.no_grad():
        return np.asarray([x, *measured.network.layers(x)][layer].numpy())


@pytest.mark.parametrize("codimension", [1, 3])
@pytest.mark.parametrize("layer", [1, 2, 3])
def test_two_units_are_shown_as_they_are(layer: int, codimension: int) -> None:
    measured = subject((2, 2), "relu", codimension=codimension)
    arrays = mapping(measured, layer=layer)
    assert arrays["raw"] == 1
    for part in ("train", "test"):
        np.testing.assert_allclose(arrays[part], layer_of(measured, layer, part), atol=1e-5)
    variance = layer_of(measured, layer).var(axis=0)
    np.testing.assert_allclose(arrays["explained"], variance / variance.sum(), rtol=1e-6)
    np.testing.assert_array_equal(arrays["basis"], np.eye(2))


@pytest.mark.parametrize("dimension", [2, 3])
@pytest.mark.parametrize("layer", [1, 2, 4])
def test_more_units_are_shown_along_their_principal_axes(layer: int, dimension: int) -> None:
    measured = subject((12, 9, 5), arms=6, codimension=2, scale=1.5)
    arrays = mapping(measured, layer=layer, dimension=dimension)
    image = layer_of(measured, layer)
    mean = image.mean(axis=0)
    _, values, axes = np.linalg.svd(image - mean, full_matrices=False)
    assert arrays["raw"] == 0
    np.testing.assert_allclose(
        arrays["explained"], (values**2 / (values**2).sum())[:dimension], rtol=1e-6
    )
    for column in range(dimension):
        # The direction of an axis has a law of its own, below.
        axis = axes[column] * np.sign(axes[column] @ arrays["basis"][:, column])
        np.testing.assert_allclose(arrays["basis"][:, column], axis, atol=1e-6)
        for part in ("train", "test"):
            scores = (layer_of(measured, layer, part) - mean) @ axis
            np.testing.assert_allclose(arrays[part][:, column], scores, atol=1e-5)


@pytest.mark.parametrize("activation", ["tanh", "relu", "linear"])
def test_the_picture_does_not_depend_on_how_its_axes_were_found(
    activation: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # LAPACK gives an eigenvector or its opposite, whichever it comes by.
    measured = subject((9, 6), activation)
    expected = mapping(measured, grid=2)
    solve = np.linalg.eigh
    monkeypatch.setattr(
        np.linalg, "eigh", lambda matrix: (solve(matrix)[0], -np.asarray(solve(matrix)[1]))
    )
    for name, values in mapping(measured, grid=2).items():
        np.testing.assert_allclose(values, expected[name], atol=1e-12, err_msg=name)


@pytest.mark.parametrize("layer", [1, 2])
def test_an_axis_rises_with_the_number_of_the_data_that_it_follows_most(layer: int) -> None:
    measured = subject((9, 6), arms=3)
    scores = mapping(measured, layer=layer)["train"].astype(np.float64)
    places = measured.data.project(measured.data.x_train).numpy()
    member = np.eye(measured.data.classes)[measured.data.y_train.numpy()]
    for axis in scores.T:
        found = [np.corrcoef(axis, guide)[0, 1] for guide in np.hstack([places, member]).T]
        assert max(found, key=abs) > 0


def test_principal_axes_explain_all_that_two_directions_span() -> None:
    measured = subject((7,), "linear")
    arrays = mapping(measured, layer=1)
    assert arrays["explained"].sum() == pytest.approx(1.0)
    assert arrays["explained"][0] >= arrays["explained"][1]


@pytest.mark.parametrize(("units", "dimension"), [(1, 2), (1, 3), (2, 3)])
def test_missing_coordinates_are_zero(units: int, dimension: int) -> None:
    measured = subject((units, 5))
    arrays = mapping(measured, layer=1, dimension=dimension)
    assert arrays["train"].shape[1] == dimension
    np.testing.assert_allclose(arrays["train"][:, :units], layer_of(measured, 1), atol=1e-6)
    assert not arrays["train"][:, units:].any()
    assert not arrays["explained"][units:].any()
    assert arrays["explained"].sum() == pytest.approx(1.0)


def test_layer_zero_is_the_data_itself() -> None:
    measured = subject((4,))
    arrays = mapping(measured, layer=0)
    np.testing.assert_array_equal(arrays["train"], measured.data.x_train.numpy())


def test_the_last_hidden_layer_is_shown_unless_another_is_named() -> None:
    measured = subject((6, 3))
    np.testing.assert_array_equal(mapping(measured)["train"], mapping(measured, layer=2)["train"])
    linear = subject(())
    np.testing.assert_array_equal(mapping(linear)["train"], mapping(linear, layer=1)["train"])


@pytest.mark.parametrize("codimension", [1, 2])
def test_the_grid_is_the_image_of_straight_lines(codimension: int) -> None:
    measured = subject((5, 2), codimension=codimension)
    arrays = mapping(measured, layer=2, grid=3)
    lines = arrays["grid"]
    assert lines.shape[0] == 6 and lines.shape[2] == 2
    extent = measured.data.extent
    along = np.linspace(-extent, extent, lines.shape[1])
    for index, level in enumerate((-extent, 0.0, extent)):
        fixed = np.full_like(along, level)
        for line, u in ((index, (along, fixed)), (3 + index, (fixed, along))):
            x = measured.data.embed(torch.from_numpy(np.stack(u, axis=1)))
            with torch.no_grad():
                expected = measured.network.layers(x)[1].numpy()
            np.testing.assert_allclose(lines[line], expected, atol=1e-5)


def test_a_single_line_passes_through_the_middle() -> None:
    lines = mapping(subject((2,)), layer=0, grid=1)["grid"]
    assert lines.shape[0] == 2
    np.testing.assert_array_equal(lines[0][:, 1], 0)
    np.testing.assert_array_equal(lines[1][:, 0], 0)


def test_without_lines_there_is_no_grid() -> None:
    assert "grid" not in mapping(subject())


def test_one_point_for_everything_explains_nothing() -> None:
    network = network_of([np.zeros((4, 3)), np.zeros((2, 5))])
    for layer in (1, 2):
        arrays = mapping(subject_of(network, spiral()), layer=layer)
        assert not arrays["train"].any()
        assert not arrays["explained"].any()


@pytest.mark.parametrize("layer", [-1, 5])
def test_a_layer_that_does_not_exist_is_refused_with_those_that_do(layer: int) -> None:
    with pytest.raises(ProbeError, match="expected 0 to 4"):
        mapping(subject(), layer=layer)


def test_other_dimensions_are_refused() -> None:
    with pytest.raises(ConfigError, match="dimension"):
        mapping(subject(), dimension=4)


def test_weights_that_are_not_numbers_are_refused() -> None:
    with pytest.raises(ProbeError, match="no longer finite"):
        mapping(diverged())
