"""The page's scripts one by one: decoding, ranges, marks, colours, figures."""

from __future__ import annotations

import base64
import csv
import itertools
import json
import math
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import BrowserContext

from scripts.server import Server
from spiral_dash.core.frame import as_bytes, encode

Run = Callable[..., Any]


@pytest.fixture
def run(context: BrowserContext, server: Server) -> Run:
    """Run the body of an async function of a script's exports, `m`, and of an argument."""
    page = context.new_page()
    # A page of the server's own origin, which may import its scripts, with nothing on it.
    blank = '<!doctype html><link rel="icon" href="data:,">'
    page.route("**/blank", lambda route: route.fulfill(body=blank, content_type="text/html"))
    page.goto(f"{server.url}/blank")

    def call(script: str, body: str, argument: object = None) -> Any:
        return page.evaluate(
            f"async (argument) => {{ const m = await import('/assets/{script}.mjs'); {body} }}",
            argument,
        )

    return call


def test_a_frame_is_decoded_as_it_was_encoded(run: Run) -> None:
    generator = np.random.default_rng(3)
    arrays: dict[str, Any] = {
        "points/train": generator.normal(size=(7, 2)).astype(np.float32),
        "a/float64": generator.normal(size=5),
        "a/int32": np.array([-(2**31), 0, 2**31 - 1], np.int32),
        "a/int64": np.array([-(2**53), 7, 2**53]),
        "a/share": as_bytes(generator.random((3, 4))),
        "a/scalar": np.array(2.5, np.float32),
        "a/empty": np.zeros((0, 3), np.float32),
    }
    texts = {"state": "playing", "notice": "φ is “odd”: {}\n"}
    blob = base64.b64encode(encode(arrays, texts)).decode()
    body = """
        const bytes = Uint8Array.from(atob(argument), (letter) => letter.charCodeAt(0));
        const { tensors, texts } = m.decode(bytes.buffer);
        const listed = ([name, { data, shape }]) => [name, { data: [...data], shape }];
        return { tensors: Object.fromEntries([...tensors].map(listed)), texts };
    """
    decoded = run("stream/safetensors", body, blob)
    assert decoded["texts"] == texts
    assert decoded["tensors"].keys() == arrays.keys()
    for name, array in arrays.items():
        found = decoded["tensors"][name]
        assert tuple(found["shape"]) == array.shape
        expected = array.astype(np.float32) if array.dtype == np.float64 else array
        np.testing.assert_array_equal(np.array(found["data"], expected.dtype), expected.ravel())


def test_arrays_that_are_not_aligned_are_read_all_the_same(run: Run) -> None:
    header = json.dumps({"a": {"dtype": "F32", "shape": [2], "data_offsets": [1, 9]}}).encode()
    values = np.array([1.5, -2.25], np.float32)
    blob = len(header).to_bytes(8, "little") + header + b"\0" + values.tobytes()
    body = """
        const bytes = Uint8Array.from(atob(argument), (letter) => letter.charCodeAt(0));
        return [...m.decode(bytes.buffer).tensors.get('a').data];
    """
    assert run("stream/safetensors", body, base64.b64encode(blob).decode()) == values.tolist()


def test_a_range_holds_the_data_is_filled_by_them_and_changes_seldom(run: Run) -> None:
    generator = np.random.default_rng(5)
    lows = generator.normal(size=200) * 10 ** generator.uniform(-6, 6, 200)
    spans = np.abs(lows) * 10 ** generator.uniform(-3, 3, 200)
    cases = [[2.0, 2.0], [0.0, 0.0], *np.stack([lows, lows + spans], axis=1).tolist()]
    found = run("plot/range", "return argument.map(([a, b]) => m.rounded(a, b))", cases)
    for (low, high), (start, end) in zip(cases, found, strict=True):
        assert start <= low <= high <= end and start < end
        assert high == low or high - low >= 0.55 * (end - start)
    growing = [[-x, x] for x in np.geomspace(1, 10, 400).tolist()]
    found = run("plot/range", "return argument.map(([a, b]) => m.rounded(a, b))", growing)
    assert len({tuple(each) for each in found}) <= 20


def test_bounds_are_round(run: Run) -> None:
    values = [1e-7, 0.031, 0.999, 1.0, 1.01, 7.2, 9.5, 123.0, 6e8]
    bounds = run("plot/range", "return argument.map((value) => m.roundUp(value))", values)
    assert bounds == [1e-7, 0.04, 1.0, 1.0, 1.5, 8.0, 10.0, 150.0, 6e8]
    bounds = run("plot/range", "return argument.map((value) => m.roundUp(value, m.COARSE))", values)
    assert bounds == [1e-7, 0.05, 1.0, 1.0, 2.0, 10.0, 10.0, 200.0, 1e9]


def test_a_logarithmic_axis_has_some_numbers_and_each_is_whole(run: Run) -> None:
    cases = [[low, low + span] for low in (-31.5, -4, 0, 2.5) for span in (0.5, 1, 1.5, 3, 8, 40)]
    body = "return argument.map(([low, high]) => m.decadeTicks(low, high))"
    for (low, high), ticks in zip(cases, run("plot/ticks", body, cases), strict=True):
        inside = [
            text
            for value, text in zip(ticks["tickvals"], ticks["ticktext"], strict=True)
            if low - 1e-9 <= math.log10(value) <= high + 1e-9
        ]
        assert 1 <= len(inside) <= 10, (low, high)
        assert len(set(inside)) == len(inside)
        # A bare 2 or 5 says nothing where it stands for 0.002 or 5,000.
        plain = [
            float(text)
            for text in inside
            if "⁻" not in text and "·" not in text and "10" not in text
        ]
        assert all(low - 1e-9 <= math.log10(value) <= high + 1e-9 for value in plain)


def test_a_number_never_takes_more_room_than_it_has_and_keeps_its_value(run: Run) -> None:
    generator = np.random.default_rng(8)
    spread = generator.normal(size=300) * 10.0 ** generator.uniform(-300, 300, 300)
    values = [0.0, 0.1, -1 / 3, 123456.0, 4.9e23, 1.7e308, -1.7976931348623157e308, 5e-324]
    values += [*spread.tolist(), *generator.normal(size=100).tolist()]
    rooms = [7, 8, 12, 24]
    each = "return argument[0].map((value) => argument[1].map((room) => m.short(value, room)))"
    texts = run("plot/short", each, [values, rooms])
    for value, row in zip(values, texts, strict=True):
        for room, text in zip(rooms, row, strict=True):
            assert len(text) <= room
            exact = room == 24
            assert float(text) == (value if exact else pytest.approx(value, rel=0.5))
    some = "return [4.9123e23, 1 / 3, NaN, -Infinity].map((value) => m.short(value, 7))"
    assert run("plot/short", some) == ["4.9e+23", "0.33333", "–", "−∞"]


def test_labels_are_moved_apart_and_kept_inside(run: Run) -> None:
    body = """
        const area = { top: 0, height: 100, y: (value) => 100 - 100 * value };
        const labels = [0.02, 0.03, 0.5, 0.51, 0.98, 1.4].map((y) => ({ text: 'a', x: 0, y }));
        return m.apart(area, labels).map(({ y, shift }) => 100 - 100 * y + shift);
    """
    places = run("plot/labels", body)
    assert len(places) == 5, "one lies outside the axes"
    assert all(0 <= place <= 100 for place in places)
    assert all(b - a >= 10.9 for a, b in itertools.pairwise(places))


def test_an_emptied_trace_keeps_its_place_and_its_look(run: Run) -> None:
    body = """
        const marker = { size: 5, color: [1, 2], colorscale: [[0, 'red']] };
        const data = { x: new Float32Array(3), y: [1, 2, 3], customdata: [1] };
        const heatmap = { type: 'heatmap', z: [[1]], xaxis: 'x2', yaxis: 'y2' };
        return [m.emptied({ type: 'scatter', name: 'a', ...data, marker }), m.emptied(heatmap)];
    """
    scatter, heatmap = run("plot/figure", body)
    assert scatter == {
        "type": "scatter",
        "name": "a",
        "x": [None],
        "y": [None],
        "marker": {"size": 5},
    }
    assert (heatmap["xaxis"], heatmap["yaxis"]) == ("x2", "y2")


@pytest.mark.parametrize(("count", "most"), [(10, 100), (100, 100), (101, 100), (30_000, 4000)])
def test_a_thinned_list_is_even_and_short(run: Run, count: int, most: int) -> None:
    kept = run("plot/figure", "return m.thinned(...argument)", [count, most])
    assert 0 < len(kept) <= most
    assert kept[0] == 0 and kept[-1] < count
    assert len(set(np.diff(kept).tolist())) <= 1


SCALES = {"scale": 1, "ax": 1, "bx": 0, "ay": 1, "by": 0}
SYMBOLS = (
    "circle", "diamond", "square", "triangle-up", "cross", "triangle-down", "x", "star",
    "hourglass", "bowtie",
)  # fmt: skip


@pytest.mark.parametrize("symbol", SYMBOLS)
@pytest.mark.parametrize("place", [(20.0, 20.0), (20.25, 19.5), (20.6, 20.4)])
def test_a_mark_covers_what_the_canvas_would(
    run: Run, symbol: str, place: tuple[float, float]
) -> None:
    """The area and the centre of a mark are those of its outline, wherever in a pixel it lies."""
    body = """
        const area = { ...argument.scales, left: 0, top: 0, width: 40, height: 40 };
        const layer = new m.MarkLayer();
        layer.begin(area);
        const mark = m.markOf(argument.symbol, { radius: 6, scale: 1 });
        layer.write(Float32Array.from(argument.place), () => ({ mark, fill: 0xff0000ff, line: 0 }));
        let sum = 0, x = 0, y = 0;
        layer.memory.forEach((pixel, index) => {
            const share = (pixel >>> 24) / 255;
            sum += share;
            x += share * (index % 40 + 0.5);
            y += share * (Math.floor(index / 40) + 0.5);
        });
        return [sum, x / sum, y / sum];
    """
    area, x, y = run("plot/marks", body, {"symbol": symbol, "place": place, "scales": SCALES})
    areas = {
        "circle": np.pi * 36,
        "square": 144,
        "diamond": 2 * (1.3 * 6) ** 2,
        "cross": 4 * (2.4 * 7.2) * 2 - 4 * 2.4**2,
        "triangle-up": 9 * 12 / np.sqrt(3),
        "triangle-down": 9 * 12 / np.sqrt(3),
        "x": 5 * (0.8 * 6) ** 2,
        "star": 1.123 * (1.4 * 6) ** 2,
        "hourglass": 72,
        "bowtie": 72,
    }
    assert area == pytest.approx(areas[symbol], rel=0.03)
    assert x == pytest.approx(place[0], abs=0.2)
    assert y == pytest.approx(place[1], abs=0.2)


def test_a_mark_at_the_edge_is_cut_off_there(run: Run) -> None:
    body = """
        const area = { ...argument, left: 0, top: 0, width: 20, height: 20 };
        const layer = new m.MarkLayer();
        layer.begin(area);
        const mark = m.markOf('circle', { radius: 5, scale: 1 });
        const places = [0, 0, 20, 20, -300, 5, 5, NaN, 1e9, 1e9];
        layer.write(Float32Array.from(places), () => ({ mark, fill: 0xff0000ff, line: 0 }));
        const filled = (index) => layer.memory[index] !== 0;
        return [filled(0), filled(20 * 20 - 1), filled(19), layer.memory.filter(Boolean).length];
    """
    first, last, corner, count = run("plot/marks", body, SCALES)
    assert first and last and not corner
    assert 40 <= count <= 70


def test_colours_are_told_apart_and_run_from_one_end_to_the_other(run: Run) -> None:
    body = """
        const themes = [
            { dark: false, surface: [255, 255, 255] },
            { dark: true, surface: [22, 30, 38] },
        ];
        const light = ([r, g, b]) => 0.2126 * r + 0.7152 * g + 0.0722 * b;
        return themes.map((theme) => ({
            sequential: [0, 0.25, 0.5, 0.75, 1].map((t) => light(m.sequential(theme)(t))),
            middle: m.diverging(theme)(0.5),
            ends: [m.diverging(theme)(0), m.diverging(theme)(1)],
            surface: theme.surface,
        }));
    """
    for theme in run("plot/colour", body):
        assert theme["sequential"] == sorted(theme["sequential"])
        assert theme["middle"] == theme["surface"]
        below, above = theme["ends"]
        assert below[0] > below[2], "orange below zero"
        assert above[2] > above[0], "blue above zero"


def test_a_point_close_to_the_boundary_is_right_and_weak(run: Run) -> None:
    """Wrong, right with and without a proved radius, far, and not looked at."""
    body = """
        const radii = (row) => ({ data: Float32Array.from(row, (radius) => radius ?? Infinity) });
        const [lower, upper] = argument.map(radii);
        const exact = { radius_lower: lower, radius_upper: upper };
        return [m.rightShare(exact), m.weakest(exact)];
    """
    radii = [[0, 0.5, 0, 2.5, 0], [0, 0.6, 0.04, None, None]]
    assert run("robustness/radii", body, radii) == [0.8, [2, 1, 3]]


def test_a_radius_is_told_as_narrowly_as_it_is_known(run: Run) -> None:
    body = "return argument.map(([lower, upper]) => m.radiusText(lower, upper ?? Infinity));"
    ends = [[0, 0.04], [0.5, 0.501], [0.5, 0.6], [2, None]]
    assert run("robustness/radii", body, ends) == ["0 to 0.04", "0.501", "0.5 to 0.6", "above 2"]


def test_no_two_of_26_classes_share_colour_and_mark_or_colour_and_dash(run: Run) -> None:
    looks = run("plot/marks", "return Array.from({length: 26}, (_, k) => m.symbolOf(k))")
    dashes = run("plot/lines", "return Array.from({length: 26}, (_, k) => m.dashOf(k))")
    assert looks[:10] == list(SYMBOLS)
    assert len({(k % 10, look) for k, look in enumerate(looks)}) == 26
    assert len({(k % 10, dash) for k, dash in enumerate(dashes)}) == 26


ODD_NAMES = ["<b>x</b>", "=1+1", "a, b", "%{x}", "&lt;", "x<br>y", "a" * 60]


def test_a_name_is_no_markup_and_is_cut_with_an_ellipsis(run: Run) -> None:
    body = "return argument.map((name) => [m.plain(name), m.cut(name, 10)])"
    for name, (plain, cut) in zip(ODD_NAMES, run("plot/data", body, ODD_NAMES), strict=True):
        assert not set("<>%") & set(plain)
        decoded = re.sub(r"&#(\d+);", lambda found: chr(int(found[1])), plain)
        assert decoded == name
        assert cut == (name if len(name) <= 10 else name[:9] + "…")


@pytest.mark.parametrize(
    ("extent", "reach"),
    [(18.04, 2), (2.17, 0.3), (6.7, 1), (1.0, 0.1), (2.9e6, 3e5), (0.002, 3e-4)],
)
def test_how_far_points_are_moved_follows_the_extent_of_the_data(
    run: Run, extent: float, reach: float
) -> None:
    assert run("plot/data", "return m.usualReach({ extent: argument })", extent) == pytest.approx(
        reach
    )


def test_a_table_names_classes_in_cells_that_are_no_formulas(run: Run) -> None:
    body = """
        const tensor = { data: Float32Array.from(argument, (_, k) => k), shape: [argument.length] };
        const block = { name: 'a', tensor, source: 'here', isShare: false, columns: argument };
        return m.csv(['of a run'], [block]);
    """
    text = run("page/csv", body, ODD_NAMES)
    header = next(csv.reader([text.splitlines()[3]]))
    assert header == [f"value_{name}" for name in ODD_NAMES]
    assert not any(name.startswith(("=", "+", "-", "@")) for name in header)


def test_a_panel_says_what_it_shows_less_of(run: Run) -> None:
    body = "return m.remarksOn(argument[0], new Set(argument[1]))"
    data = {"classes": 26, "counts": [[20_000, 16_500]], "shown": [6000, 3000], "has_test": True}
    said = run("plot/data", body, [data, ["classes", "train", "test"]])
    assert "26 classes: colours repeat after ten." in said
    assert "A sample of 6,000 of 20,000 training points." in said
    assert "A sample of 3,000 of 16,500 test points." in said
    small = {"classes": 2, "counts": [[200, 200]], "shown": [200, 200], "has_test": False}
    assert run("plot/data", body, [small, ["classes", "train"]]) == ""
    assert run("plot/data", body, [small, ["test"]]).startswith("Of the training set")


def test_no_cell_of_a_downloaded_table_is_run_by_a_spreadsheet(run: Run) -> None:
    cells = ["=1+1", "a, b", "-1", "plain", 'say "hi"', "@x", "\ta", "two\nlines", "accuracy_=1"]
    written = run("page/csv", "return argument.map(m.textCell)", cells)
    assert written == [
        "'=1+1",
        '"a, b"',
        "'-1",
        "plain",
        '"say ""hi"""',
        "'@x",
        '"\'\ta"',
        '"two\nlines"',
        "accuracy_=1",
    ]
    remarks = {
        'options: {"a":[1,-2,-3.5e-4],"n":["a","=1+1","-1+cmd"],"b":-1}': (
            '# options: {"a":[1,-2,-3.5e-4],"n":["a","\'=1+1","\'-1+cmd"],"b":-1}'
        ),
        "classes a;@b,=1": "# classes a;'@b,'=1",
        'x, from run.measure("a", epsilons=[-1, -2])["b"]': (
            '# x, from run.measure("a", epsilons=[-1, -2])["b"]'
        ),
        "two\n=lines": "# two =lines",
    }
    assert run("page/csv", "return argument.map(m.remark)", list(remarks)) == list(remarks.values())


def test_of_two_runs_one_that_is_late_is_waited_for_and_one_that_stops_stops_both(
    run: Run,
) -> None:
    body = """
        const view = () => {
          const asked = [];
          const askAlone = async (command) => (asked.push(command.do), "");
          return { asked, askAlone, state: { status: null }, show() {}, credit() {} };
        };
        const [a, b] = [view(), view()];
        const both = new m.Lockstep(a, b);
        const frame = (run, state, epoch) => {
          const at = { epoch: `${epoch}`, shown_epoch: `${epoch}` };
          const texts = { run: "1", state, speed: "full", ...at };
          both.take(run, { tensors: new Map(), texts });
        };
        const until = async (happened) => {
          for (let tries = 0; !happened(); tries++) {
            if (tries > 1000) throw new Error(`not within 20 s: ${happened}`);
            await new Promise((resolve) => setTimeout(resolve, 20));
          }
        };
        for (const run of [a, b]) frame(run, "ready", 0);
        frame(a, "playing", 0);
        await until(() => b.asked.includes("play"));
        const early = a.asked.includes("pause");
        frame(b, "playing", 1);
        frame(a, "playing", 1);
        frame(b, "paused", 1);
        await until(() => a.asked.includes("pause"));
        both.end();
        return early;
    """
    assert run("run/lockstep", body) is False


def test_a_stretch_of_epochs_is_as_long_as_pictures_take_however_often_the_page_looks(
    run: Run,
) -> None:
    body = """
        const view = () => {
          const askAlone = async () => "";
          return { askAlone, state: { status: null }, show() {}, credit() {} };
        };
        const runs = [view(), view()];
        const both = new m.Lockstep(...runs);
        const frames = (state, epoch) => {
          for (const run of runs) {
            const at = { epoch: `${epoch}`, shown_epoch: `${epoch}` };
            const texts = { run: "1", state, speed: "full", ...at };
            both.take(run, { tensors: new Map(), texts });
          }
        };
        frames("ready", 0);
        frames("playing", 0);
        for (let turn = 1; turn <= 4; turn++) {
          both.credit(runs);
          // The page looks at what it has to paint, while the runs are on their way.
          for (let look = 0; look < 8; look++) {
            await new Promise((resolve) => setTimeout(resolve, 10));
            both.credit([]);
          }
          frames("playing", turn);
        }
        const { stretch } = both;
        both.end();
        return stretch;
    """
    assert run("run/lockstep", body) == 1, "80 ms a picture leave no time for more than one epoch"


def test_what_two_tabs_write_into_the_notebook_is_one_list_with_each_run_once(run: Run) -> None:
    body = """
        const row = (search) => ({
          id: search, search, fields: {}, epochs: 1, seconds: 0, metrics: {}, proof: null,
          picture: "", note: "",
        });
        const tab = () => new m.Book(() => {}, () => {});
        const [one, other] = [tab(), tab()];
        const first = row("a");
        one.add(first);
        one.add(row("b"));
        one.write();
        other.add(row("c"));
        other.write();
        // The settings of a run change as it trains; another tab removes a run meanwhile.
        first.search = "a, changed";
        one.keep(first);
        const b = other.rows.find(({ search }) => search === "b");
        other.remove(b);
        other.write();
        one.write();
        return [one, tab()].map(({ rows }) => rows.map(({ search }) => search));
    """
    assert run("notebook/book", body) == [["a, changed", "c"]] * 2
