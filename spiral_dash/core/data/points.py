"""Points that a person brought, drew or took over from another kind of data."""

from __future__ import annotations

from typing import ClassVar, Literal, Self

import numpy as np
from pydantic import Field

from spiral_dash.core.data.kind import DataConfig, Sample
from spiral_dash.core.data.registry import register
from spiral_dash.core.data.rows import Rows
from spiral_dash.core.settings import turning
from spiral_dash.core.validation import ConfigError


@register
class PointsData(DataConfig):
    """Rows named by their digest (see `Rows.digest`), which travel beside the configuration."""

    title: ClassVar[str] = "Own points"
    about: ClassVar[str] = "Points from a file, or drawn on the decision boundary."
    source: ClassVar[str] = "Whoever brought them"

    kind: Literal["points"] = "points"
    digest: str = Field("", pattern=r"^([0-9a-f]{64})?$", json_schema_extra=turning(by_hand=False))

    @classmethod
    def of(cls, rows: Rows, settings: DataConfig | None = None) -> Self:
        """Return the configuration of `rows`, with what `settings` says of any kind of data."""
        return cls.of_digest(rows.digest, settings)

    @classmethod
    def of_digest(cls, digest: str, settings: DataConfig | None = None) -> Self:
        """Return the configuration of the rows of a digest, as `of` does."""
        shared = () if settings is None else DataConfig.model_fields.keys() - {"kind"}
        return cls.model_validate(
            {"digest": digest, **{name: getattr(settings, name) for name in shared}}
        )

    def sample(self, generator: np.random.Generator, rows: Rows | None) -> Sample:
        """Return the rows as they are; raise `ConfigError` where they are not there."""
        rows = self.named(rows)
        return Sample(
            points=rows.x.astype(np.float64),
            labels=rows.y,
            class_names=rows.class_names,
            feature_names=rows.feature_names,
            image=rows.image,
        )

    def named(self, rows: Rows | None) -> Rows:
        """Return `rows` if they are those named here, else raise `ConfigError`."""
        if rows is None or rows.digest != self.digest:
            raise ConfigError(
                {
                    "data.digest": "data.digest: expected the points that the configuration names "
                    f"({self.digest[:12] or 'none'}…), got "
                    f"{'none' if rows is None else f'others ({rows.digest[:12]}…)'}. Open their "
                    "file, or the recording of the run."
                }
            )
        return rows


def check_rows(config: DataConfig, rows: Rows | None) -> None:
    """Raise `ConfigError` where `config` names rows and these are not they."""
    if isinstance(config, PointsData):
        config.named(rows)
