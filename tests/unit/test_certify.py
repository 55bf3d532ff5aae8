"""Proofs of robustness: sound relaxations and bounds, exact radii, and what they never claim."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch
from torch import Tensor

from spiral_dash.core.activations import ACTIVATIONS
from spiral_dash.core.balls import Norm
from spiral_dash.core.certify import (
    RELAXATIONS,
    ExactRadii,
    even_part,
    exact_radii,
    one_shot_radius,
    robust_accuracy,
)
from spiral_dash.core.certify.bounds import Classifier
from spiral_dash.core.certify.even_part import GELU, SILU, EvenPart
from spiral_dash.core.certify.relaxation import VALUES, relax
from spiral_dash.core.threads import single_thread

Array = npt.NDArray[Any]
Layers = list[tuple[Tensor, Tensor]]

TORCH: dict[str, Callable[[Tensor], Tensor]] = {
    "tanh": torch.tanh,
    "relu": torch.relu,
    "sigmoid": torch.sigmoid,
    "linear": lambda z: z,
    "leaky_relu": torch.nn.LeakyReLU(0.01),
    "elu": torch.nn.ELU(),
    "gelu": torch.nn.GELU(),
    "silu": torch.nn.SiLU(),
    "softplus": torch.nn.Softplus(),
    "sine": torch.sin,
}
EPSILONS = [0.05, 0.1, 0.2, 0.4]
NORMS: list[Norm] = ["linf", "l2"]


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    """Small operations, which more threads only slow down on a busy machine."""
    with single_thread():
        yield


def network(
    seed: int, widths: list[int], classes: int = 2, inputs: int = 2, gain: float = 1.6
) -> Layers:
    generator = torch.Generator().manual_seed(seed)
    sizes = [inputs, *widths, classes]
    layers = []
    for fan_in, fan_out in pairwise(sizes):
        weight = torch.randn(fan_out, fan_in, generator=generator, dtype=torch.float64)
        bias = torch.randn(fan_out, generator=generator, dtype=torch.float64)
        layers.append((weight * gain / math.sqrt(fan_in), 0.5 * bias))
    return layers


def logits(layers: Layers, activation: str, points: Tensor) -> Tensor:
    for weight, bias in layers[:-1]:
        points = TORCH[activation](points @ weight.T + bias)
    weight, bias = layers[-1]
    return points @ weight.T + bias


def cloud(layers: Layers, activation: str, points: int, seed: int = 0) -> tuple[Array, Array]:
    """Points round the origin with the network's own labels, every seventh wrong."""
    generator = np.random.default_rng(seed)
    places = generator.uniform(-1.0, 1.0, (points, layers[0][0].shape[1]))
    output = logits(layers, activation, torch.from_numpy(places))
    labels = output.argmax(1).numpy()
    labels[::7] = (labels[::7] + 1) % output.shape[1]
    return places, labels


def ball_grid(norm: Norm, across: int) -> Array:
    """The unit ball on a grid with its corners, edges and centre."""
    line = np.linspace(-1.0, 1.0, across)
    grid = np.stack(np.meshgrid(line, line), -1).reshape(-1, 2)
    return grid if norm == "linf" else grid[np.hypot(grid[:, 0], grid[:, 1]) <= 1.0]


def size(offsets: Array, norm: Norm) -> Array:
    sizes: Array = np.linalg.norm(offsets, axis=-1, ord=np.inf if norm == "linf" else 2)
    return sizes


def grid_radii(
    layers: Layers, activation: str, places: Array, labels: Array, reach: float, norm: Norm
) -> Array:
    """The distance of each point to the nearest misclassified point of a fine grid round it."""
    offsets = reach * ball_grid(norm, 101)
    sizes = size(offsets, norm)
    radii = []
    for place, label in zip(places, labels, strict=True):
        output = logits(layers, activation, torch.from_numpy(place + offsets))
        wrong = output.argmax(1).numpy() != label
        radii.append(sizes[wrong].min() if wrong.any() else np.inf)
    return np.array(radii)


def intervals(seed: int, count: int) -> tuple[Array, Array]:
    """Intervals narrow and wide, near 0 and far, huge and of one point."""
    generator = np.random.default_rng(seed)
    middle = generator.normal(size=count) * 10.0 ** generator.uniform(-3, 2, count)
    half = 10.0 ** generator.uniform(-12, 3, count)
    low, high = middle - half, middle + half
    low[: count // 20] = high[: count // 20]
    ends = np.sort(generator.uniform(-12.0, 12.0, (count, 2)), axis=1)
    edges = [-1e300, -1e30, -1e6, -50.0, -math.sqrt(2), -1.0, 0.0, 1e-9, 1.0, 20.0, 41.0, 1e6, 1e30]
    pairs = np.array([(a, b) for a in edges for b in [*edges, 1e300] if a <= b])
    far = 10.0 ** generator.uniform(5.0, 17.0, count // 4)
    return (
        np.concatenate([low, ends[:, 0], pairs[:, 0], far]),
        np.concatenate(
            [high, ends[:, 1], pairs[:, 1], far + generator.uniform(0.0, 6.0, far.size)]
        ),
    )


def samples(low: Array, high: Array) -> Array:
    """Points of each interval: equally spaced, dense at its ends, and dense round 0."""
    even = np.linspace(0.0, 1.0, 101)
    share = np.unique(np.concatenate([even, even**8, 1.0 - even**8]))[:, None]
    near_zero = np.clip(np.linspace(-30.0, 30.0, 241)[:, None], low, high)
    return np.concatenate([np.clip((1.0 - share) * low + share * high, low, high), near_zero])


def test_every_activation_of_the_registry_has_a_relaxation() -> None:
    assert set(RELAXATIONS) == set(VALUES) == set(TORCH) == set(ACTIVATIONS)


@pytest.mark.parametrize("activation", TORCH)
def test_a_relaxation_encloses_its_activation(activation: str) -> None:
    low, high = intervals(seed=3, count=1500)
    slope, offset, gap = relax(activation, low, high)
    z = samples(low, high)
    value = TORCH[activation](torch.from_numpy(z)).numpy()
    error = np.abs(value - (slope * z + offset))
    rounding = 1e-14 * (1.0 + np.abs(value) + np.abs(slope * z) + np.abs(offset))
    assert np.isfinite(slope).all()
    assert (gap >= 0.0).all()
    assert (error <= gap + rounding).all()
    assert np.allclose(VALUES[activation](z), value, rtol=1e-13, atol=2.1e-9)


@pytest.mark.parametrize("activation", TORCH)
def test_a_relaxation_is_no_wider_than_its_slope_needs(activation: str) -> None:
    generator = np.random.default_rng(4)
    low = generator.uniform(-6.0, 6.0, 1000)
    high = low + 10.0 ** generator.uniform(-4.0, math.log10(6.0), 1000)
    slope, _, gap = relax(activation, low, high)
    z = samples(low, high)
    rest = TORCH[activation](torch.from_numpy(z)).numpy() - slope * z
    needed = 0.5 * (rest.max(0) - rest.min(0))
    assert (gap <= 1.002 * needed + 1e-7).all()


@pytest.mark.parametrize("activation", TORCH)
def test_a_relaxation_of_a_point_is_the_point(activation: str) -> None:
    z = np.linspace(-15.0, 15.0, 301)
    slope, offset, gap = relax(activation, z, z.copy())
    assert np.allclose(slope * z + offset, TORCH[activation](torch.from_numpy(z)), atol=1e-13)
    assert (gap <= 1e-13).all()


def test_a_sine_too_far_out_to_reduce_is_bounded_by_its_amplitude() -> None:
    low = 10.0 ** np.linspace(7.0, 300.0, 50)
    slope, offset, gap = relax("sine", low, low + 3.0)
    assert (slope == 0.0).all()
    assert (offset - gap == -1.0).all()
    assert (offset + gap == 1.0).all()


@pytest.mark.parametrize("part", [GELU, SILU], ids=["gelu", "silu"])
def test_bounds_of_an_even_part_hold_however_coarse_its_table(
    part: EvenPart, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(even_part, "TABLE_CELLS", 3)
    coarse = replace(part)
    generator = np.random.default_rng(24)
    low, high = np.sort(generator.uniform(-6.0, 6.0, (2, 2000)), axis=0)
    slope = generator.uniform(0.0, 0.8, 2000)
    z = samples(low, high)
    rest = part.value(z) - slope * z
    convex = np.abs(z) <= part.inflection
    bottom = coarse.bottom(slope, low, high)
    assert (bottom <= np.where(convex, rest, np.inf).min(0) + 1e-12).all()
    concave = z >= part.inflection
    top = coarse.top(slope, low, high)
    assert (top >= np.where(concave, rest, -np.inf).max(0) - 1e-12).all()


def test_a_bound_that_is_not_finite_proves_nothing() -> None:
    """z1 overflows for any x1 > 0, so class 0 ends at the origin, and no bound is a number."""
    first = torch.tensor([[1e200, 0.0]], dtype=torch.float64)
    second = torch.tensor([[1e200]], dtype=torch.float64)
    last = torch.tensor([[0.0], [1.0]], dtype=torch.float64)
    zero = torch.zeros(1, dtype=torch.float64)
    layers = [(first, zero), (second, zero), (last, torch.tensor([1.0, 0.0]))]
    radii = exact_radii(layers, "relu", [[0.0, 0.0]], [0], [0.5, 1.0], max_boxes=400)
    assert radii.evaluated <= 400
    assert radii.radius_lower[0] < 0.5
    assert one_shot_radius(layers, "relu", [[0.0, 0.0]], [0], 1.0)[0] == 0.0


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("activation", TORCH)
def test_bounds_enclose_the_margins(activation: str, norm: Norm) -> None:
    generator = np.random.default_rng(5)
    for inputs, classes, widths in ((2, 2, [16] * 3), (3, 4, [9, 17]), (2, 3, []), (2, 3, [8] * 7)):
        layers = network(6, widths, classes, inputs)
        centre = generator.normal(size=(40, inputs))
        half = 10.0 ** generator.uniform(-3.0, 0.5, 40)
        bounds = Classifier(layers, activation).margins(centre, half, norm)
        inside = generator.uniform(-1.0, 1.0, (300, inputs))
        inside /= np.maximum(1.0, size(inside, norm))[:, None]
        points = torch.from_numpy(centre[:, None] + half[:, None, None] * inside)
        output = logits(layers, activation, points).numpy()
        ahead = np.take_along_axis(output, bounds.reference[:, None, None], -1)
        line = inside @ bounds.slope.transpose(0, 2, 1) + bounds.offset[:, None]
        error = np.abs(ahead - output - line)
        assert (error <= bounds.gap[:, None] + 1e-11 * (1.0 + np.abs(output))).all()


def test_bounds_close_with_the_square_of_the_side() -> None:
    classifier = Classifier(network(7, [20, 20, 20]), "tanh")
    centre = np.random.default_rng(8).normal(size=(50, 2))
    coarse = classifier.margins(centre, np.full(50, 2e-2)).gap.max(1)
    fine = classifier.margins(centre, np.full(50, 1e-2)).gap.max(1)
    assert np.median(fine / coarse) == pytest.approx(0.25, rel=0.05)


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("depth", [0, 1, 2, 3, 4, 7])
@pytest.mark.parametrize("activation", TORCH)
def test_radii_agree_with_a_grid_of_the_ball(
    activation: str, depth: int, classes: int, norm: Norm
) -> None:
    layers = network(depth, [12] * depth, classes)
    places, labels = cloud(layers, activation, 10, seed=depth)
    radii = exact_radii(layers, activation, places, labels, EPSILONS, norm=norm)
    found = grid_radii(layers, activation, places, labels, EPSILONS[-1], norm)
    assert robust_accuracy(radii, EPSILONS).decided.tolist() == [10] * len(EPSILONS)
    assert not radii.capped
    assert not radii.cancelled
    # No point of the ball that the grid finds misclassified is certified.
    assert (np.minimum(radii.radius_lower, EPSILONS[-1] * (1 + 1e-9)) <= found + 1e-12).all()
    # And where a misclassified point was proved to be, the grid finds one a step further on.
    met = radii.radius_upper < 0.9 * EPSILONS[-1]
    step = 2.0 * EPSILONS[-1] / 100
    assert (found[met] <= radii.radius_upper[met] + 4.0 * step).all()
    assert (radii.radius_lower <= radii.radius_upper).all()


@pytest.mark.parametrize("activation", TORCH)
def test_no_certified_point_is_misclassified_within_its_ball(activation: str) -> None:
    generator = np.random.default_rng(9)
    for norm in NORMS:
        for seed, gain in ((1, 1.2), (2, 2.5)):
            layers = network(seed, [32, 32], gain=gain)
            places, labels = cloud(layers, activation, 30, seed)
            radii = exact_radii(layers, activation, places, labels, [0.1, 0.3, 0.5], norm=norm)
            inside = generator.uniform(-1.0, 1.0, (2000, 2))
            inside /= np.maximum(1.0, size(inside, norm))[:, None]
            reach = np.minimum(radii.radius_lower, 0.5)
            points = torch.from_numpy(places[:, None] + reach[:, None, None] * inside)
            predicted = logits(layers, activation, points).argmax(-1).numpy()
            certified = radii.radius_lower > 0.0
            assert certified.any()
            assert (predicted == labels[:, None])[certified].all()


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("classes", [2, 3, 6])
def test_the_radius_of_a_linear_classifier_is_the_distance_to_its_lines(
    classes: int, norm: Norm
) -> None:
    layers = network(10, [], classes)
    places, labels = cloud(layers, "relu", 50)
    weight, bias = layers[0][0].numpy(), layers[0][1].numpy()
    expected = np.full(50, np.inf)
    for rival in range(classes):
        other = labels != rival
        slope = weight[labels] - weight[rival]
        margin = (slope * places).sum(1) + bias[labels] - bias[rival]
        dual = np.linalg.norm(slope, axis=1, ord=1 if norm == "linf" else 2)
        distance = np.maximum(margin, 0.0) / np.where(other, dual, 1.0)
        expected = np.where(other, np.minimum(expected, distance), expected)
    largest = 0.8 * expected.max()
    radii = exact_radii(layers, "relu", places, labels, [largest], norm=norm)
    within = expected < 0.99 * largest
    assert np.allclose(radii.radius_lower[within], expected[within], atol=1e-12)
    assert np.allclose(radii.radius_upper[within], expected[within], atol=1e-12)
    assert (radii.radius_lower[expected > 1.01 * largest] > largest).all()
    shot = one_shot_radius(layers, "relu", places, labels, largest, norm=norm)
    assert np.allclose(shot, np.minimum(expected, largest), atol=1e-6)


@pytest.mark.parametrize("norm", NORMS)
def test_the_radius_of_a_network_with_a_known_boundary(norm: Norm) -> None:
    """relu x1 + relu -x1 + relu x2 + relu -x2 = |x1| + |x2| < 1 is class 0, a diamond."""
    hidden = torch.tensor([[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0], [0.0, -1.0]], dtype=torch.float64)
    layers = [
        (hidden, torch.zeros(4, dtype=torch.float64)),
        (
            torch.stack([-torch.ones(4), torch.zeros(4)]).double(),
            torch.tensor([1.0, 0.0], dtype=torch.float64),
        ),
    ]
    places = np.array([[0.0, 0.0], [0.25, 0.0], [0.2, -0.3], [0.0, 0.9], [1.0, 1.0], [0.0, 1.5]])
    labels = np.array([0, 0, 0, 0, 1, 1])
    epsilons = np.linspace(0.01, 0.8, 80)
    radii = exact_radii(layers, "relu", places, labels, epsilons, norm=norm)
    inside = (1.0 - np.abs(places).sum(1)) / (2.0 if norm == "linf" else math.sqrt(2.0))
    expected = np.abs(inside)
    expected[5] = 0.5  # the nearest point of the diamond is its corner
    assert (radii.radius_lower <= expected + 1e-12).all()
    assert (expected <= radii.radius_upper + 1e-12).all()
    assert (radii.radius_upper - radii.radius_lower < 0.011).all()


def test_boxes_hold_what_they_say() -> None:
    layers = network(11, [24, 24], classes=3)
    places, labels = cloud(layers, "tanh", 60)
    radii = exact_radii(layers, "tanh", places, labels, EPSILONS)
    boxes, verdict, band = radii.boxes, radii.verdict, radii.band
    assert verdict.dtype == np.int8
    assert set(verdict.tolist()) <= {-1, 0, 1, 2}
    assert len(set(verdict.tolist())) > 2
    share = np.random.default_rng(12).uniform(0.0, 1.0, (200, 1, 2))
    low, high = boxes[:, [0, 2]], boxes[:, [1, 3]]
    points = torch.from_numpy((low + share * (high - low)).transpose(1, 0, 2).copy())
    output = logits(layers, "tanh", points).numpy()
    proved = verdict >= 0
    assert (output.argmax(-1) == verdict[:, None])[proved].all()
    # The leaves do not overlap, and the balls of the correct points lie in them.
    middle = 0.5 * (low + high)
    apart = np.abs(middle[:, None] - middle) - 0.5 * ((high - low)[:, None] + (high - low))
    overlap = (apart < -1e-12).all(-1)
    assert overlap.sum() == len(boxes)
    # The band encloses one class' margin over its closest rival.
    offset = points.numpy() - middle[:, None]
    line = (band[:, None, :2] * offset).sum(-1) + band[:, 2:3]
    margins = output[..., :, None] - output[..., None, :]
    fits = np.abs(margins - line[..., None, None]) <= band[:, 3, None, None, None] + 1e-9
    assert fits.all(1).any((1, 2)).all()


def test_proofs_do_not_depend_on_how_they_are_asked_for() -> None:
    layers = network(13, [16, 16])
    places, labels = cloud(layers, "silu", 20)
    one = exact_radii(layers, "silu", places, labels, EPSILONS)
    tensors = [(weight.clone().requires_grad_(), bias) for weight, bias in layers]
    other = exact_radii(
        tensors,
        "silu",
        torch.from_numpy(places),
        torch.from_numpy(labels),
        [*reversed(EPSILONS), EPSILONS[0]],
    )
    assert np.array_equal(one.radius_lower, other.radius_lower)
    assert np.array_equal(one.radius_upper, other.radius_upper)


def test_the_cap_leaves_a_band_that_holds_the_exact_radius() -> None:
    layers = network(14, [40, 40, 40], gain=2.2)
    places, labels = cloud(layers, "tanh", 60)
    full = exact_radii(layers, "tanh", places, labels, EPSILONS)
    decided = robust_accuracy(full, EPSILONS).decided
    assert (decided == 60).all()
    assert not full.capped
    for limit in (1, 7, 60, full.evaluated // 2):
        capped = exact_radii(layers, "tanh", places, labels, EPSILONS, max_boxes=limit)
        assert capped.capped
        assert capped.evaluated <= limit
        assert (capped.radius_lower <= full.radius_upper).all()
        assert (capped.radius_upper >= full.radius_lower).all()
        accuracy = robust_accuracy(capped, EPSILONS)
        assert (accuracy.decided < 60).any()
        exact = robust_accuracy(full, EPSILONS).certified
        assert (accuracy.certified <= exact).all()
        assert (accuracy.not_falsified >= exact).all()


def test_progress_rises_to_one_and_can_cancel() -> None:
    layers = network(15, [24, 24], gain=2.2)
    places, labels = cloud(layers, "gelu", 40)
    shares: list[float] = []
    full = exact_radii(layers, "gelu", places, labels, EPSILONS, progress=shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert len(shares) == full.rounds + 1
    assert full.rounds > 1
    late = exact_radii(layers, "gelu", places, labels, EPSILONS, progress=lambda share: share < 1.0)
    assert not late.cancelled  # there was nothing left to cancel
    for stop in (1, 2):
        calls: list[float] = []

        def tell(share: float, calls: list[float] = calls, stop: int = stop) -> bool:
            calls.append(share)
            return len(calls) < stop

        part = exact_radii(layers, "gelu", places, labels, EPSILONS, progress=tell)
        assert part.cancelled
        assert calls == shares[:stop]
        assert (part.radius_lower <= full.radius_upper).all()
        assert (part.radius_upper >= full.radius_lower).all()


def test_the_layers_may_change_while_they_are_proved() -> None:
    layers = network(16, [16])
    places, labels = cloud(layers, "tanh", 10)
    before = exact_radii(layers, "tanh", places, labels, EPSILONS)

    def train(_: float) -> None:
        for weight, _bias in copied:
            weight.zero_()

    copied = [(weight.clone(), bias.clone()) for weight, bias in layers]
    during = exact_radii(copied, "tanh", places, labels, EPSILONS, progress=train)
    assert np.array_equal(before.radius_lower, during.radius_lower)


def test_a_misclassified_point_has_radius_zero() -> None:
    layers = network(17, [16])
    places, labels = cloud(layers, "relu", 30)
    radii = exact_radii(layers, "relu", places, 1 - labels, EPSILONS)
    wrong = logits(layers, "relu", torch.from_numpy(places)).argmax(1).numpy() == labels
    assert wrong.any()
    assert (radii.radius_lower[wrong] == 0.0).all()
    assert (radii.radius_upper[wrong] == 0.0).all()
    assert (radii.radius_lower[~wrong] > 0.0).all()


@pytest.mark.parametrize(
    "places",
    [
        np.zeros((0, 2)),
        np.array([[0.3, 0.4]]),
        np.tile([[0.3, 0.4]], (5, 1)),
        np.array([[0.0, 0.0], [1e-9, 0.0]]),
        np.array([[0.0, 0.0], [3e3, 0.0]]),
        np.array([[0.1, x] for x in np.linspace(-2.0, 2.0, 9)]),
    ],
)
@pytest.mark.parametrize("epsilon", [1e-9, 0.3, 50.0])
def test_degenerate_points_and_sizes(places: Array, epsilon: float) -> None:
    layers = network(18, [12, 12])
    labels = logits(layers, "tanh", torch.from_numpy(places)).argmax(1).numpy()
    radii = exact_radii(layers, "tanh", places, labels, [epsilon, 1e-12], max_boxes=20_000)
    accuracy = robust_accuracy(radii, [1e-12, epsilon])
    assert accuracy.decided.tolist() == [len(places)] * 2
    found = grid_radii(layers, "tanh", places, labels, epsilon, "linf")
    certified = radii.radius_lower > epsilon
    assert np.isinf(found[certified]).all()


@pytest.mark.parametrize("classes", [2, 3])
def test_a_tie_everywhere_is_the_first_classs(classes: int) -> None:
    layers = [(torch.zeros_like(w), torch.zeros_like(b)) for w, b in network(19, [8], classes)]
    for norm in NORMS:
        radii = exact_radii(layers, "relu", np.zeros((3, 2)), [0, 0, 1], [0.1, 1.0], norm=norm)
        assert (radii.radius_lower[:2] > 1.0).all() and np.isinf(radii.radius_upper[:2]).all()
        assert radii.radius_lower[2] == radii.radius_upper[2] == 0.0
        assert (radii.verdict == 0).all()
        once = one_shot_radius(layers, "relu", np.zeros((3, 2)), [0, 0, 1], 1.0, norm=norm)
        assert once.tolist() == [1.0, 1.0, 0.0]


def test_a_tie_is_lost_to_an_earlier_class_and_won_from_a_later_one() -> None:
    """Logits (0, 0, x1): classes 0 and 1 tie throughout, and class 2 begins right of x1 = 0."""
    weight = torch.tensor([[0.0, 0.0], [0.0, 0.0], [1.0, 0.0]], dtype=torch.float64)
    layers = [(weight, torch.zeros(3, dtype=torch.float64))]
    places = np.array([[-1.0, 0.0], [-1.0, 0.0], [2.0, 0.0]])
    radii = exact_radii(layers, "linear", places, [0, 1, 2], [0.5, 1.5, 2.5])
    np.testing.assert_allclose(radii.radius_lower, [1.0, 0.0, 2.0])
    np.testing.assert_allclose(radii.radius_upper, [1.0, 0.0, 2.0])


def test_a_ball_of_radius_0_is_the_point_itself() -> None:
    layers = network(19, [8, 8])
    places, labels = cloud(layers, "tanh", 20)
    correct = logits(layers, "tanh", torch.from_numpy(places)).argmax(1).numpy() == labels
    for epsilons in ([0.0], [0.0, 0.3]):
        radii = exact_radii(layers, "tanh", places, labels, epsilons)
        shares = robust_accuracy(radii, epsilons)
        assert shares.certified[0] == shares.not_falsified[0] == correct.mean()
        assert shares.decided[0] == 20
        assert ((radii.radius_upper > 0.0) == correct).all()
    assert (one_shot_radius(layers, "tanh", places, labels, 0.0) == 0.0).all()


def test_what_the_network_itself_says_of_a_point_counts() -> None:
    layers = network(19, [8, 8])
    places, labels = cloud(layers, "tanh", 20)
    agrees = logits(layers, "tanh", torch.from_numpy(places)).argmax(1).numpy() == labels
    correct = np.arange(20) % 2 == 0
    radii = exact_radii(layers, "tanh", places, labels, [0.0, 0.2], correct=correct)
    assert (radii.radius_lower[~(agrees & correct)] == 0.0).all()
    assert (radii.radius_upper[~correct] == 0.0).all()
    assert np.isinf(radii.radius_upper[correct & ~agrees]).all()
    assert robust_accuracy(radii, [0.0]).certified[0] == correct.mean()


@pytest.mark.parametrize("activation", TORCH)
def test_nothing_is_proved_where_the_network_may_overflow(activation: str) -> None:
    """Right of x1 = 0.5 a unit passes the greatest number, though float64 goes on."""
    layers = network(19, [8, 8])
    layers[0][0][0] = torch.tensor([1e10, 0.0], dtype=torch.float64)
    layers[0][1][0] = 0.0
    places, labels = cloud(layers, activation, 40)
    free = exact_radii(layers, activation, places, labels, [0.05], max_boxes=4000)
    bound = exact_radii(layers, activation, places, labels, [0.05], greatest=0.5e10, max_boxes=4000)
    edge = 0.5 - np.abs(places[:, 0])
    assert (bound.radius_lower <= np.maximum(edge, 0.0) + 1e-9).all()
    assert (bound.radius_lower <= free.radius_lower).all()
    if activation in ("tanh", "relu", "linear"):
        assert (bound.radius_lower > 0.05).any()


@pytest.mark.parametrize("widths", [[1], [1, 1, 1], [128], [128] * 8, [1, 128, 2]])
def test_every_shape_of_network(widths: list[int]) -> None:
    layers = network(20, widths, gain=1.0)
    places, labels = cloud(layers, "softplus", 4)
    radii = exact_radii(layers, "softplus", places, labels, [0.01, 0.05])
    found = grid_radii(layers, "softplus", places, labels, 0.05, "linf")
    assert (robust_accuracy(radii, [0.01, 0.05]).decided == 4).all()
    assert (np.minimum(radii.radius_lower, 0.05) <= found + 1e-12).all()


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("activation", TORCH)
def test_one_shot_bounds_hold_in_more_dimensions(activation: str, norm: Norm) -> None:
    generator = np.random.default_rng(21)
    layers = network(22, [16, 16], classes=3, inputs=5, gain=1.0)
    places, labels = cloud(layers, activation, 20)
    radius = one_shot_radius(layers, activation, places, labels, 3.0, norm=norm)
    wrong = logits(layers, activation, torch.from_numpy(places)).argmax(1).numpy() != labels
    assert (radius[wrong] == 0.0).all()
    assert (radius[~wrong] > 0.0).all()
    inside = generator.normal(size=(2000, 5))
    inside /= size(inside, norm)[:, None]
    points = torch.from_numpy(places[:, None] + radius[:, None, None] * inside)
    predicted = logits(layers, activation, points).argmax(-1).numpy()
    assert (predicted == labels[:, None])[~wrong].all()


@pytest.mark.parametrize("activation", TORCH)
def test_one_shot_bounds_do_not_pass_the_exact_radius(activation: str) -> None:
    layers = network(23, [16, 16])
    places, labels = cloud(layers, activation, 30)
    radii = exact_radii(layers, activation, places, labels, EPSILONS)
    shot = one_shot_radius(layers, activation, places, labels, EPSILONS[-1])
    assert (shot <= radii.radius_upper).all()


def test_robust_accuracy_counts_each_side() -> None:
    nothing = np.zeros((0, 4))
    radii = ExactRadii(
        radius_lower=np.array([0.0, 0.5, 1.0, 2.0]),
        radius_upper=np.array([0.0, 0.5, 1.5, np.inf]),
        boxes=nothing,
        verdict=np.zeros(0, np.int8),
        band=nothing,
        evaluated=0,
        rounds=0,
        capped=True,
        cancelled=False,
    )
    accuracy = robust_accuracy(radii, [0.4, 0.5, 1.0, 1.5])
    assert accuracy.certified.tolist() == [0.75, 0.5, 0.25, 0.25]
    assert accuracy.not_falsified.tolist() == [0.75, 0.5, 0.5, 0.25]
    assert accuracy.decided.tolist() == [4, 4, 3, 4]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"activation": "swish"}, "no proof is available for 'swish'"),
        ({"epsilons": [0.1, -0.1]}, "epsilons should be"),
        ({"epsilons": [math.nan]}, "epsilons should be"),
        ({"epsilons": [math.inf]}, "epsilons should be"),
        ({"epsilons": []}, "epsilons should be"),
        ({"norm": "l1"}, "norm must be one of linf, l2"),
        ({"max_boxes": 0}, "max_boxes should be at least 1"),
        ({"points": np.zeros((3, 3))}, r"points should be \(N, 2\)"),
        ({"points": np.full((3, 2), np.nan)}, "points should be finite"),
        ({"labels": [0, 1]}, r"labels should be \(3,\)"),
        ({"labels": [0, 1, 2]}, r"whole numbers in 0..1"),
        ({"labels": [0, 0.5, 1]}, r"whole numbers in 0..1"),
        ({"labels": [0, math.nan, 1]}, r"whole numbers in 0..1"),
        ({"layers": []}, "at least the layer"),
        ({"layers": network(0, [4])[1:]}, "inputs|points should be"),
        ({"layers": network(0, [4], classes=1)}, "at least two logits"),
        ({"layers": network(0, [4])[:1] + network(0, [5])[1:]}, "layer 1 should map 4 values"),
        ({"layers": [(torch.full((2, 2), math.nan), torch.zeros(2))]}, "not finite"),
        ({"layers": network(0, [4], inputs=3), "points": np.zeros((3, 3))}, "one_shot_radius"),
    ],
)
def test_bad_input_is_refused_with_the_reason(change: dict[str, Any], message: str) -> None:
    arguments: dict[str, Any] = {
        "layers": network(0, [4]),
        "activation": "tanh",
        "points": np.zeros((3, 2)),
        "labels": [0, 1, 0],
        "epsilons": [0.1],
    }
    arguments |= change
    with pytest.raises(ValueError, match=message):
        exact_radii(**arguments)
