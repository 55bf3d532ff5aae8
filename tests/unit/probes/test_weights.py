"""Weights, their change, histogram and the units' covariance against numpy and torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
import torch

from spiral_dash.core.probes import PROBES, ProbeError, Subject
from tests.unit.probes.subjects import diverged, subject

weights = PROBES["weights"]


def moved(hidden: Sequence[int] = (8, 5), arms: int = 2, codimension: int = 1) -> Subject:
    """A subject whose weights have changed since epoch 0."""
    measured = subject(hidden, "tanh", arms, codimension, torch.float32)
    initial = measured.network.copy()
    generator = torch.Generator().manual_seed(2)
    measured.network.flat.add_(torch.randn(initial.flat.shape, generator=generator))
    return replace(measured, initial=initial)


@pytest.mark.parametrize("codimension", [1, 31])
@pytest.mark.parametrize("arms", [2, 6])
@pytest.mark.parametrize("hidden", [(), (1,), (128, 3, 7)])
def test_all_layers_are_returned_as_they_are(
    hidden: Sequence[int], arms: int, codimension: int
) -> None:
    measured = moved(hidden, arms, codimension)
    arrays = weights(measured, change=True, covariance=True)
    network, layers = measured.network, range(1, measured.network.depth + 1)
    for layer in layers:
        w, b = network.weights[layer - 1], network.biases[layer - 1]
        np.testing.assert_array_equal(arrays[f"weight_{layer}"], w.detach().numpy())
        np.testing.assert_array_equal(arrays[f"bias_{layer}"], b.detach().numpy())
        start = measured.initial.weights[layer - 1]
        np.testing.assert_array_equal(arrays[f"change_{layer}"], (w - start).detach().numpy())
    assert arrays["limit"] == network.flat.abs().max().numpy()
    assert arrays["change_limit"] == max(np.abs(arrays[f"change_{k}"]).max() for k in layers)
    assert arrays["counts"].shape == (network.depth, 61)
    assert arrays["covariance_layer"] == max(network.depth - 1, 1)


def test_only_what_is_asked_for_is_returned() -> None:
    arrays = weights(moved(), layer=2)
    assert set(arrays) == {"weight_2", "bias_2", "limit", "counts", "edges"}
    assert set(weights.summary) <= set(arrays)
    names = {name.replace("<l>", "2") for name in weights.returns}
    assert set(weights(moved(), layer=2, change=True, covariance=True)) == names


def test_the_arrays_do_not_change_with_the_network() -> None:
    """The thesis' own program kept views, and every stored epoch showed the last one."""
    measured = moved()
    arrays = weights(measured)
    kept = {name: array.copy() for name, array in arrays.items()}
    measured.network.flat.zero_()
    for name, array in arrays.items():
        np.testing.assert_array_equal(array, kept[name])


@pytest.mark.parametrize("layer", [None, 1, 3])
def test_the_histogram_counts_every_weight_once(layer: int | None) -> None:
    measured = moved()
    arrays = weights(measured, layer=layer, bins=10, range=0.5)
    np.testing.assert_allclose(arrays["edges"], np.linspace(-0.5, 0.5, 11))
    layers = [1, 2, 3] if layer is None else [layer]
    for counts, number in zip(arrays["counts"], layers, strict=True):
        w = arrays[f"weight_{number}"].astype(np.float64)
        inner = [((w >= a) & (w < a + 0.1)).sum() for a in arrays["edges"][1:-2]]
        np.testing.assert_array_equal(counts[1:-1], inner)
        assert counts[0] == (w < arrays["edges"][1]).sum() > 0
        assert counts[-1] == (w >= arrays["edges"][-2]).sum() > 0


@pytest.mark.parametrize("layer", [1, 2, 3])
def test_the_covariance_is_numpys(layer: int) -> None:
    measured = moved()
    with torch.no_grad():
        h = measured.network.copy(torch.float64).layers(measured.data.x_train.double())[layer - 1]
    arrays = weights(measured, layer=layer, covariance=True)
    expected = np.cov(h.numpy().T, bias=True)
    np.testing.assert_allclose(arrays["covariance"], expected, atol=2e-4 * np.abs(expected).max())
    assert arrays["covariance_layer"] == layer


def test_a_network_of_zeros_has_a_colour_scale() -> None:
    measured = subject()
    measured.network.flat.zero_()
    measured.initial.flat.zero_()
    arrays = weights(measured, change=True)
    assert arrays["limit"] == arrays["change_limit"] == 1


@pytest.mark.parametrize("layer", [0, 4, -1])
def test_a_layer_that_does_not_exist_is_refused(layer: int) -> None:
    with pytest.raises(ProbeError, match="expected 1 to 3"):
        weights(moved(), layer=layer)


def test_weights_that_are_no_numbers_are_refused() -> None:
    with pytest.raises(ProbeError, match="no longer finite"):
        weights(diverged())
