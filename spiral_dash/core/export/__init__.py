"""A run as files of other tools: one file a format, which is imported when it is asked for."""

from spiral_dash.core.export.formats import FORMATS, ExportOptions, Format, exported, file_name

__all__ = ["FORMATS", "ExportOptions", "Format", "exported", "file_name"]
