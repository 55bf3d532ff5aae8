"""Every panel says what it shows, labels what it draws, and asks for measurements that exist."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import plotly.graph_objects as go
import pytest
from dash import html
from dash.development.base_component import Component

from spiral_dash.core.probes import PROBES
from spiral_dash.experiments.catalogue import CATALOGUE
from spiral_dash.web import ids
from spiral_dash.web.panels import PANELS, Panel, render
from spiral_dash.web.panels.base import card, content
from spiral_dash.web.panels.choices import COLLAPSE, GRADIENTS, TRENDS

ASSETS = Path(__file__).resolve().parents[3] / "assets"
SVG_NAMESPACE = "http://www.w3.org/2000/svg"
ESSENTIAL = ["boundary", "mapping", "weights", "spectrum", "robustness", "metrics"]

every_panel = pytest.mark.parametrize("panel", PANELS.values(), ids=list(PANELS))


def components(root: object) -> Iterator[Component]:
    """Yield a component and everything inside it."""
    if isinstance(root, (list, tuple)):
        for item in root:
            yield from components(item)
    elif isinstance(root, Component):
        yield root
        yield from components(getattr(root, "children", None))


def text_of(root: object) -> str:
    """Return all text inside a component."""
    if isinstance(root, (list, tuple)):
        return "".join(text_of(item) for item in root)
    if isinstance(root, Component):
        return text_of(getattr(root, "children", None))
    return root if isinstance(root, str) else ""


def attribute(component: Component, name: str) -> object:
    """Return what a component was given for `name`, None where it was given nothing."""
    return getattr(component, name, None)


def script(panel: Panel) -> str:
    """Return the panel's script."""
    return (ASSETS / "panels" / f"{panel.name}.mjs").read_text(encoding="utf-8")


def script_and_parts(panel: Panel) -> str:
    """Return the panel's script and all that it imports."""
    found: dict[Path, str] = {}
    waiting = [ASSETS / "panels" / f"{panel.name}.mjs"]
    while waiting:
        path = waiting.pop().resolve()
        if path in found:
            continue
        found[path] = path.read_text(encoding="utf-8")
        waiting += [path.parent / name for name in re.findall(r'from "([^"]+)"', found[path])]
    return "\n".join(found.values())


def labelled(root: object, *, inside_label: bool = False) -> Iterator[tuple[Component, bool]]:
    """Yield every option inside a component, and whether it has a label."""
    if isinstance(root, (list, tuple)):
        for item in root:
            yield from labelled(item, inside_label=inside_label)
    elif isinstance(root, Component):
        identity = attribute(root, "id")
        if isinstance(identity, dict) and identity.get("type") == "panel-option":
            own = attribute(root, "label") or attribute(root, "aria-label")
            yield root, inside_label or bool(own) or bool(attribute(root, "title"))
        is_group = attribute(root, "role") == "group" and bool(attribute(root, "aria-label"))
        names = is_group or (type(root).__name__ == "Label" and text_of(root) != "")
        yield from labelled(getattr(root, "children", None), inside_label=inside_label or names)


def test_the_essential_panels_are_there_in_their_order() -> None:
    assert [name for name in PANELS if name in ESSENTIAL] == ESSENTIAL


def test_no_two_panels_share_a_place() -> None:
    assert len({panel.order for panel in PANELS.values()}) == len(PANELS)


@every_panel
def test_it_explains_itself_in_a_few_sentences(panel: Panel) -> None:
    sentences = re.findall(r"\.(?:\s|$)", panel.explanation)
    assert 2 <= len(sentences) <= 3
    assert len(panel.explanation) <= 600
    assert len(text_of(panel.formula)) >= 5
    assert panel.source
    assert panel.title


@every_panel
def test_every_option_has_a_label(panel: Panel) -> None:
    options = list(labelled(list(panel.options)))
    assert bool(options) is bool(panel.options)
    unlabelled = [attribute(option, "id") for option, has_label in options if not has_label]
    assert not unlabelled


@every_panel
def test_every_graph_is_a_figure_without_data_whose_axes_are_named(panel: Panel) -> None:
    assert panel.graphs or panel.body is not None
    for figure in panel.graphs.values():
        checked = go.Figure(figure)
        assert len(checked.data) == 0
        axes = [*checked.select_xaxes(), *checked.select_yaxes()]
        assert len(axes) >= 2
        assert all(axis.title.text for axis in axes)


@every_panel
def test_its_script_paints_the_same_graphs(panel: Panel) -> None:
    text = script(panel)
    assert re.search(r"export (function|const) watch\b", text)
    assert re.search(r"export const graphs\b", text)
    for graph in panel.graphs:
        assert re.search(rf"\b{graph}\b", text), f"the script does not draw {graph}"


@every_panel
def test_it_watches_probes_that_exist(panel: Panel) -> None:
    named = set(re.findall(r'probe: "(\w+)"', script_and_parts(panel)))
    assert named
    assert named <= PROBES.keys()


def test_every_quantity_to_choose_from_is_followed_over_the_epochs() -> None:
    for quantity in [*TRENDS.values(), *COLLAPSE.values(), *GRADIENTS.values()]:
        probe = PROBES[quantity.probe]
        assert quantity.array in probe.summary
        assert quantity.per_class is (quantity.array in probe.by_class)


@every_panel
def test_what_it_follows_over_the_epochs_has_a_summary(panel: Panel) -> None:
    followed = re.findall(r'probe: "(\w+)",[^}]*over_time: true', script_and_parts(panel))
    assert all(PROBES[name].summary for name in followed)


@every_panel
def test_its_card_has_what_a_person_operates(panel: Panel) -> None:
    inside = list(components(html.Div(content(panel, "/"))))
    identities = [
        str(attribute(component, "id")) for component in inside if attribute(component, "id")
    ]
    assert len(identities) == len(set(identities))
    for action in ("info", "enlarge", "close"):
        assert str(ids.panel_button(panel.name, action)) in identities
    for graph in panel.graphs:
        assert str(ids.panel_graph(panel.name, graph)) in identities
    assert attribute(card(panel), "aria-labelledby") in identities


@every_panel
def test_its_links_say_where_they_lead_and_keep_the_prefix(panel: Panel) -> None:
    inside = components(content(panel, "/lab/"))
    links = [each for each in inside if type(each).__name__ == "A"]
    assert len(links) == len(panel.links)
    for link in links:
        assert text_of(link) and attribute(link, "title")
        assert re.fullmatch(r"/lab/experiments/\w+", str(attribute(link, "href")))
    assert [link.path for link in PANELS["collapse"].links] == ["/experiments/H3"]
    assert "H3" in CATALOGUE


def test_only_the_named_panels_are_open() -> None:
    cards = {
        str(attribute(component, "data-panel")): component
        for component in components(render(["weights", "boundary"]))
        if attribute(component, "data-panel")
    }
    assert cards.keys() == PANELS.keys()
    shown = [name for name, each in cards.items() if not attribute(each, "hidden")]
    assert shown == [name for name in PANELS if name in {"weights", "boundary"}]


@pytest.mark.parametrize(
    "path", sorted(ASSETS.rglob("*.mjs")), ids=lambda path: str(path.relative_to(ASSETS))
)
def test_a_script_loads_nothing_from_elsewhere_and_evaluates_no_text(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    addresses = set(re.findall(r"(?:https?|wss?)://[^\s\"'`]+", text))
    assert addresses <= {SVG_NAMESPACE}
    assert not re.search(r"\beval\(|new Function\b", text)
    for imported in re.findall(r'from "([^"]+)"', text):
        assert (path.parent / imported).is_file()
