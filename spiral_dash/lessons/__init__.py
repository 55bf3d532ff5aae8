"""Lessons: Markdown files with steps, configurations and questions, read safely."""

from __future__ import annotations

from spiral_dash.lessons.library import Library, Listed, read_library
from spiral_dash.lessons.model import Choice, Lesson, LessonError, Question, Setup, Step
from spiral_dash.lessons.reader import read_lesson
from spiral_dash.lessons.shelf import Shelf
from spiral_dash.lessons.vocabulary import Vocabulary

__all__ = [
    "Choice",
    "Lesson",
    "LessonError",
    "Library",
    "Listed",
    "Question",
    "Setup",
    "Shelf",
    "Step",
    "Vocabulary",
    "read_lesson",
    "read_library",
]
