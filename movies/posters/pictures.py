"""Check, shrink and keep posters, as WebP files that are named for their content."""

import hashlib
import io
from pathlib import Path

from django.conf import settings
from PIL import Image, ImageOps

from common.files import atomic_write

FORMATS = ("AVIF", "GIF", "JPEG", "PNG", "WEBP")
MAX_SIZE = (600, 900)  # pages show at most 300 x 450, on screens with two pixels per point
MIN_SIDE = 40  # less is a tracking pixel or an icon
MAX_PIXELS = 50_000_000
QUALITY = 80


class PictureError(Exception):
    """A file is no usable picture. The message says why."""


def shrink(data: bytes) -> bytes:
    """Return the picture as WebP of at most 600 x 900 pixels.

    The content decides, not a name or header; what is written was decoded and drawn again here.

    Raises
    ------
    PictureError
    """
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            check_size(*image.size)
            # JPEG files are decoded at a fraction of their size.
            image.draft("RGB", MAX_SIZE)
            upright = ImageOps.exif_transpose(image).convert("RGBA")
    except PictureError:
        raise
    except Exception as error:  # Pillow's decoders raise many kinds for a damaged file
        raise PictureError(f"not a picture ({type(error).__name__})") from error
    upright.thumbnail(MAX_SIZE)
    paper = Image.new("RGBA", upright.size, "white")
    paper.alpha_composite(upright)
    buffer = io.BytesIO()
    paper.convert("RGB").save(buffer, "WEBP", quality=QUALITY)
    return buffer.getvalue()


def check_size(width: int, height: int) -> None:
    if min(width, height) < MIN_SIDE or width * height > MAX_PIXELS:
        raise PictureError(f"a picture of {width} x {height} pixels")


def keep(data: bytes) -> str:
    """Store the picture and return its name."""
    name = hashlib.sha256(data).hexdigest()[:32]
    path = path_of(name)
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with atomic_write(path) as stream:
            stream.write(data)
    return name


def path_of(name: str) -> Path:
    # Folders of some hundred files each.
    return settings.POSTER_DIR / name[:2] / f"{name}.webp"
