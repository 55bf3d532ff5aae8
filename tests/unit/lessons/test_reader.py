"""Lessons are read whole, and what is wrong with a file is said with its line."""

from __future__ import annotations

import contextlib
import re
import time

import pytest

from spiral_dash.lessons import LessonError, read_lesson
from spiral_dash.lessons.setups import compared_run_of, run_of
from spiral_dash.web.vocabulary import vocabulary

HEAD = "# A lesson\n\nWhat it is about.\n\nminutes: 5\n"
SETUP = "```setup\nrun: network.hidden=4\npanels: boundary, metrics\n```"
QUESTION = "```question\nask: Which?\n[ ] this\n[x] that\nwhy: Because.\n```"
STEP = f"\n## One\n\nLook.\n\n{SETUP}\n\n{QUESTION}\n"
GOOD = HEAD + STEP


def setup(*lines: str) -> str:
    """A lesson whose step has these lines in its setup, the first of them in line 12."""
    return HEAD + "\n## One\n\nLook.\n\n```setup\n" + "\n".join(lines) + "\n```\n"


def question(*lines: str) -> str:
    """A lesson whose step has these lines in its question, the first of them in line 12."""
    return HEAD + "\n## One\n\nLook.\n\n```question\n" + "\n".join(lines) + "\n```\n"


def body(text: str) -> str:
    """A lesson whose step is this text, which begins in line 9."""
    return f"{HEAD}\n## One\n\n{text}\n"


def steps(*parts: tuple[str, str]) -> str:
    """A lesson of steps that each lead to a title."""
    return HEAD + "".join(f"\n## {a}\n\nx\n\n```setup\nnext: {b}\n```\n" for a, b in parts)


ASK, WHY = "ask: How many?", "why: So."
BAD: dict[str, tuple[str | bytes, int, str]] = {
    "empty": ("", 1, "# and its title first, got an empty file"),
    "blank": ("  \n\n ", 1, "got an empty file"),
    "not UTF-8": (b"# A\n\nb\xff", 3, "expected UTF-8, got a byte that is none, 0xff"),
    "a zero byte": (HEAD + "\0", 6, "got a zero byte"),
    "10 MB": ("x" * 10_000_000, 1, "at most 256 KiB, got 9765 KiB"),
    "no title": ("Text.\n\nminutes: 5\n" + STEP, 1, "# and the lesson's title, got none"),
    "an empty title": (GOOD.replace("# A lesson", "#  "), 1, "title, got none"),
    "a long title": (GOOD.replace("A lesson", "A" * 101), 1, "at most 100 characters, got 101"),
    "no sentence": ("# A\n\nminutes: 5\n" + STEP, 1, "a sentence on what the lesson is about"),
    "a long sentence": (GOOD.replace("What it", "W" * 300), 3, "of 1 to 300 characters"),
    "no minutes": (GOOD.replace("minutes: 5", ""), 1, "from 1 to 180 in the head, got none"),
    "minutes in words": (GOOD.replace("5\n", "five\n", 1), 5, "got 'five'"),
    "0 minutes": (GOOD.replace("5\n", "0\n", 1), 5, "got '0'"),
    "no steps": (HEAD, 1, "1 to 60 steps, ## before each title, got 0"),
    "61 steps": (HEAD + "".join(f"\n## {n}\nx\n" for n in range(61)), 187, "steps, ## before"),
    "a step without title": (HEAD + "\n##  \nx\n", 7, "title of 1 to 100 characters, got 0"),
    "a step named end": (HEAD + "\n## End\nx\n", 7, "other than end"),
    "two steps of one name": (GOOD + "\n## one\nx\n", 23, "got 'one' again (line 7)"),
    "an empty step": (HEAD + "\n## One\n", 7, "text or a question in this step, got neither"),
    "a block before the steps": (HEAD + SETUP + STEP, 6, "before the first block"),
    "a block not closed": (HEAD + "\n## One\n```setup\nspeed: 5\n", 8, "got the end of the file"),
    "an unknown block": (body("```setups\n```"), 9, "a block of setup or question"),
    "an empty block": (setup(), 11, "lines such as key: value in this setup, got none"),
    "two setups": (GOOD + SETUP + "\n", 22, "one setup a step, got a second one"),
    "two questions": (GOOD + QUESTION + "\n", 22, "one question a step, got a second one"),
    "an unknown key": (setup("runs: seed=2"), 12, "one of run, panels, speed, epoch, free, next"),
    "a key twice": (setup("speed: 5", "speed: 6"), 13, "expected speed once, got it again"),
    "no key": (setup("boundary"), 12, "expected key: value"),
    "an unknown panel": (setup("panels: bondary"), 12, "got 'bondary'"),
    "a panel twice": (setup("panels: metrics, metrics"), 12, "1 to 12 different panels"),
    "no panels": (setup("panels: ,"), 12, "1 to 12 different panels"),
    "an unknown option": (
        setup("panels: metrics", "metrics.scales: log"), 13, "scale, epoch_axis, got 'scales'",
    ),
    "an option's bad choice": (
        setup("panels: metrics", "metrics.scale: logs"), 13, "one of linear, log, got 'logs'",
    ),
    "an option's bad switch": (
        setup("panels: boundary", "boundary.test: yes"), 13, "expected on or off, got 'yes'",
    ),
    "an option's bad number": (
        setup("panels: boundary", "boundary.epsilon: big"), 13, "a number, got 'big'",
    ),
    "an option's bad list": (
        setup("panels: robustness", "robustness.curves: pgd, cw"), 13, "some of clean, noise",
    ),
    "an option of a closed panel": (
        setup("panels: boundary", "metrics.scale: log"), 13, "metrics among the step's panels",
    ),
    "an option of no panel": (
        setup("panels: boundary", "training.batch_size: 10"), 13, "belong into the line run",
    ),
    "an option of a panel with one": (
        setup("panels: complexity", "complexity.x: 1"), 13, "one of epoch_axis",
    ),
    "a bad value": (setup("run: network.activation=tan"), 12, "network.activation: expected one"),
    "a value out of bounds": (setup("run: training.learning_rate=-1"), 12, "got -1"),
    "an unknown setting": (setup("run: network.hiden=4"), 12, "there is no such setting"),
    "an unknown kind of data": (setup("run: data.kind=spirals"), 12, "data.kind: expected one of"),
    "a setting twice": (setup("run: seed=1&seed=2"), 12, "expected seed once in the run"),
    "a setting without value": (setup("run: seed"), 12, "expected name=value between &"),
    "panels in the run": (setup("run: panels=metrics"), 12, "has lines of its own"),
    "vs. nothing": (setup("run: vs.network.hiden=4"), 12, "vs.network.hiden: there is no such"),
    "vs. a bad value": (setup("run: vs.network.activation=x"), 12, "vs.network.activation: exp"),
    "vs. the same": (setup("run: seed=2&vs.seed=2"), 12, "got the same run twice"),
    "a speed in words": (setup("speed: fast"), 12, "or full, got 'fast'"),
    "speed 0": (setup("speed: 0"), 12, "expected a number above 0"),
    "speed NaN": (setup("speed: nan"), 12, "got 'nan'"),
    "a negative epoch": (setup("epoch: -1"), 12, "from 0 to 5000, got '-1'"),
    "a late epoch": (setup("epoch: 99999"), 12, "from 0 to 5000"),
    "an unknown dial": (setup("free: data.entanglment"), 12, "got 'data.entanglment'"),
    "no question": (question("[ ] a", "[x] b", WHY), 11, "ask: and a text in this question"),
    "no reason": (question(ASK, "[ ] a", "[x] b"), 11, "why: and a text in this question"),
    "an unknown kind": (question("kind: essay", ASK, WHY), 12, "choice, number, text, got 'essay'"),
    "no kind": (question(ASK, WHY), 11, "one of choice, number, text, got none"),
    "a choice without choices": (question("kind: choice", ASK, WHY), 11, "2 to 8 choices"),
    "one choice": (question(ASK, "[x] a", WHY), 11, "2 to 8 choices, [ ] before each, got 1"),
    "nothing right": (question(ASK, "[ ] a", "[ ] b", WHY), 11, "a right choice"),
    "all right": (question(ASK, "[x] a", "[x] b", WHY), 11, "a choice that is not right"),
    "an empty choice": (question(ASK, "[x]", "[ ] b", WHY), 13, "a text after the choice's box"),
    "equal choices": (question(ASK, "[x] a", "[ ] a", WHY), 13, "choices that differ"),
    "right beside choices": (
        question(ASK, "[x] a", "[ ] b", "right: a", WHY), 15, "[x] before the right choice",
    ),
    "choices of a number": (
        question("kind: number", ASK, "right: 1", "[ ] a", WHY), 15, "no choices in a question of",
    ),
    "a number without answer": (question("kind: number", ASK, WHY), 11, "the right answer"),
    "a number that is none": (
        question("kind: number", ASK, "right: many", WHY), 14, "such as 0.95, got 'many'",
    ),
    "an infinite number": (
        question("kind: number", ASK, "right: inf", WHY), 14, "such as 0.95, got 'inf'",
    ),
    "a negative tolerance": (
        question("kind: number", ASK, "right: 1", "tolerance: -1", WHY), 15, "a tolerance from 0",
    ),
    "a tolerance of a text": (
        question("kind: text", ASK, "right: x", "tolerance: 1", WHY), 15, "with a number only",
    ),
    "a text without model": (question("kind: text", ASK, WHY), 11, "the right answer"),
    "a strange prediction": (
        question(ASK, "[x] a", "[ ] b", "predict: maybe", WHY), 15, "predict: yes or no",
    ),
    "a loop": (steps(("One", "Two"), ("Two", "One")), 15, "got a loop: 'One' → 'Two' → 'One'"),
    "a step after itself": (steps(("One", "One"),), 7, "got a loop: 'One' → 'One'"),
    "a loop by an answer": (
        question(ASK, "[x] a -> One", "[ ] b", WHY), 7, "got a loop: 'One' → 'One'",
    ),
    "a step that nothing leads to": (
        steps(("One", "end"), ("Two", "end")), 15, "a way to the step 'Two', got none",
    ),
    "next to nothing": (setup("next: Three"), 12, "the title of a step, or end, got 'Three'"),
    "an answer to nothing": (
        question(ASK, "[x] a -> Three", "[ ] b", WHY), 13, "the title of a step, or end",
    ),
    "a script": (body("a\n\n<script>alert(1)</script>"), 11, "text without HTML, got '<script>"),
    "HTML in a line": (body("an <b onclick=x>a</b>"), 9, "text without HTML, got '<b onclick=x>'"),
    "HTML in a question": (
        question("ask: <img src=x onerror=y>", "[x] a", "[ ] b", WHY), 12, "text without HTML",
    ),
    "HTML in a choice": (question(ASK, "[x] <i>a</i>", "[ ] b", WHY), 13, "text without HTML"),
    "a javascript: link": (body("[a](javascript:alert(1))"), 9, "a link with http, https"),
    "a mixed JavaScript: link": (body("[a](JaVaScript&#58;alert(1))"), 9, "a link with http"),
    "a data: link": (body("[a](data:text/html,x)"), 9, "a link with http, https or no scheme"),
    "a link to another host": (body("[a](//evil.example/x)"), 9, "a link with http, https"),
    "an autolink": (body("<file:///etc/passwd>"), 9, "a link with http, https or no scheme"),
    "a reference": (body("[a][b]\n\n[b]: vbscript:x"), 9, "a link with http, https"),
    "a picture": (body("![a](http://evil.example/a.png)"), 9, "got a picture"),
    "a large heading": (body("# Another"), 9, "### for a heading within a step"),
    "a broken formula": (body("see $\\frac{$"), 9, "expected a formula in TeX"),
    "an unknown command": (body("see $\\foo$"), 9, "commands that are known, got \\foo"),
    "a script in a formula": (body("$\\text{<script>x</script>}\\href{javascript:x}{y}$"), 9,
                              "asks for more"),
    "a style in a formula": (body("$\\style{position:fixed}{y}$"), 9, "asks for more"),
    "a long formula": (body(f"${'x' * 600}$"), 9, "at most 500 characters, got 600"),
    "deep braces": (body(f"${'{' * 99}x{'}' * 99}$"), 9, "at most 24 braces within each other"),
    "a long text": (body("word " * 2000), 8, "at most 6000 characters"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_what_is_wrong_is_said_with_file_line_and_what_was_expected(case: str) -> None:
    content, line, said = BAD[case]
    with pytest.raises(LessonError) as refused:
        read_lesson("mine", content, vocabulary())
    sentences = refused.value.problems
    assert any(each.startswith(f"mine.md, line {line}: ") and said in each for each in sentences), (
        sentences
    )
    assert all("xpected" in each or "no such setting" in each for each in sentences)
    assert all(len(each) < 900 and "\n" not in each for each in sentences)


def test_there_are_enough_bad_cases() -> None:
    assert len(BAD) >= 40


def test_a_name_that_cannot_stand_in_an_address_is_refused() -> None:
    for name in ("A lesson", "../x", "", "é", "x" * 65):
        with pytest.raises(LessonError, match="small letters, digits and hyphens"):
            read_lesson(name, GOOD, vocabulary())


def test_several_problems_are_said_at_once_in_the_order_of_their_lines() -> None:
    text = setup("speed: x", "epoch: x", *(f"k{n}: 1" for n in range(20)))
    with pytest.raises(LessonError) as refused:
        read_lesson("mine", text, vocabulary())
    lines = [re.match(r"mine.md, line (\d+): ", each) for each in refused.value.problems]
    numbers = [int(found[1]) for found in lines if found]
    assert numbers == sorted(numbers) and len(numbers) == 10
    assert refused.value.problems[-1] == "These are the first of 22 problems."


def test_everything_that_a_step_may_say_arrives() -> None:
    text = (
        "# A & B\n\nAbout it,\nin two lines.\n\nMinutes: 7\n\n## First\n\nText with $x^2$ and "
        "**much**.\n\n### More\n\n```\nplain: text\n```\n\n```setup\n"
        "run: data.entanglement=6&network.hidden=8,8\n  &seed=3&vs.network.activation=relu\n"
        "panels: boundary, metrics\nboundary.test: on\nmetrics.scale: log\nspeed: 20\nepoch: 50\n"
        "free: data.entanglement, network\n```\n\n```question\nask: Which one?\n[ ] this -> end\n"
        "[x] *that*\npredict: yes\nwhy: Because\n  of $y$.\n```\n\n## Second\n\n```question\n"
        "kind: number\nask: How many?\nright: 0.5\ntolerance: 0.1\nwhy: So.\n```\n"
    )
    lesson = read_lesson("a-b", text, vocabulary())
    assert (lesson.title, lesson.sentence, lesson.minutes) == (
        "A & B",
        "About it, in two lines.",
        7,
    )
    first, second = lesson.steps
    assert first.title == "First" and first.next == 1 and second.next is None
    assert "<strong>much</strong>" in first.body and "<h3>More</h3>" in first.body
    assert "plain: text" in first.body and "<msup>" in first.body
    assert first.setup is not None and first.question is not None
    assert first.setup.panels == ("boundary", "metrics")
    assert first.setup.options == {"boundary.test": "on", "metrics.scale": "log"}
    assert (first.setup.speed, first.setup.epoch) == ("20", 50)
    assert first.setup.free == ("data.entanglement", "network")
    run, other = run_of(first.setup.query), compared_run_of(first.setup.query)
    assert other is not None
    assert (run.seed, run.network.hidden, run.network.activation) == (3, (8, 8), "tanh")
    assert other == run.replace(network=run.network.replace(activation="relu"))
    assert first.question.predict and first.question.kind == "choice"
    assert [choice.right for choice in first.question.choices] == [False, True]
    assert [choice.next for choice in first.question.choices] == [2, None]
    assert first.question.choices[1].text == "<em>that</em>"
    assert "<math" in first.question.why
    assert second.question is not None
    assert (second.question.right, second.question.tolerance) == (0.5, 0.1)
    assert lesson.as_json()["steps"][0]["question"]["choices"][0]["next"] == 2


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("a \\< b and c", "a &lt; b"),
        ("costs $5 or $6", "costs $5 or $6"),
        ("a \\$x\\$ b", "a $x$ b"),
        ('[a](https://a.example/?x=1&y="2)', 'href="https://a.example/?x=1&amp;y=%222"'),
        ("[a](/lesson/relu)", 'href="/lesson/relu"'),
        ("`<script>`", "<code>&lt;script&gt;</code>"),
        ("$a < b$", "<mo>&lt;</mo>"),
        ("$$\\sum_i w_i$$", 'display="block"'),
        ("| a | b |\n|---|---|\n| 1 | 2 |", "<td>1</td>"),
    ],
)
def test_what_is_harmless_is_shown_as_it_is_meant(written: str, shown: str) -> None:
    [step] = read_lesson("mine", body(written), vocabulary()).steps
    assert shown in step.body


@pytest.mark.parametrize(
    "piece", ["[", "*", "`", "$", "](", "<", "> ", "- ", "\\", "$x$ ", "**a ", "![", "&", "_a_"]
)
def test_no_text_takes_long(piece: str) -> None:
    steps = "".join(f"\n## Step {n}\n\n{piece * (5_800 // len(piece))}\n" for n in range(4))
    began = time.process_time()
    with contextlib.suppress(LessonError):
        read_lesson("mine", HEAD + steps, vocabulary())
    assert time.process_time() - began < 5  # seconds of its own, however busy the machine


@pytest.mark.parametrize("written", ["full", "0.5", "2batches"])
def test_a_speed_is_written_as_in_an_address(written: str) -> None:
    lesson = read_lesson("mine", setup(f"speed: {written}"), vocabulary())
    opened = lesson.steps[0].setup
    assert opened is not None
    assert opened.speed == written
