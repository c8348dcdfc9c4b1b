"""Pictures as files: checked before the work, written whole or not at all."""

import io
from pathlib import Path

from matplotlib.figure import Figure

from features.errors import UsageError
from features.files import write_whole

KINDS = (".png", ".svg", ".pdf")


def require_picture(path: Path) -> None:
    """Check that a path may become a picture.

    Raises:
        UsageError: it is a folder, or its ending is none of a picture.
    """
    if path.is_dir() or path.suffix.lower() not in KINDS:
        raise UsageError(
            "a picture is one file",
            got=f"{path}{', a folder' if path.is_dir() else ''}",
            allowed=f"a name that ends in {', '.join(KINDS)}",
            remedy="name a file, as in x.png",
        )


def require_folder(path: Path) -> None:
    """Check that a path may become a folder of pictures.

    Raises:
        UsageError: a file stands there.
    """
    if path.exists() and not path.is_dir():
        raise UsageError("pictures go into a folder", got=f"{path}, a file", remedy="name a folder, new or old")


def save(figure: Figure, path: Path) -> None:
    """Draw a picture into a file, whose folder is made where it is missing.

    Raises:
        UsageError: as `require_picture`.
    """
    require_picture(path)
    drawn = io.BytesIO()
    figure.savefig(drawn, format=path.suffix[1:].lower(), dpi=130)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, drawn.getvalue())
