"""A vendor's brand colour, made safe to read: pure arithmetic on sRGB and OKLCH, no Django.

A vendor gives one hex colour. Pages need it as text and as a fill, on light and on dark paper. The hue
and as much of the chroma as the screen can show are kept; only the lightness moves, and only as far as WCAG 2.2 AA
demands.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

AA_TEXT = 4.5
"""The contrast ratio that WCAG 2.2, success criterion 1.4.3, asks of text."""

LIGHT_PAPERS = ("#ffffff", "#f3f4f8")
"""The lightest and darkest background that accent text stands on in the light theme (tokens.css: surface, sunken)."""
DARK_PAPERS = ("#171a21", "#262a33")
"""The same for the dark theme."""
TINT = 0.08
"""How much accent tokens.css puts into --accent-tint."""
HOVER = 0.12
SEEN = 1.4
"""The least contrast of a filled button with the paper around it; its text has AA of its own."""
WHITE = "#ffffff"
BLACK = "#10131a"

_HEX = re.compile(r"#?([0-9a-fA-F]{6}|[0-9a-fA-F]{3})")
_STEP = 0.005

Rgb = tuple[float, float, float]


@dataclass(frozen=True)
class Shade:
    """One accent for one theme: `accent` reads on that theme's papers and their tint, `ink` on `fill` and `hover`.

    The fill is the vendor's very own colour wherever it can carry ink and be seen on the paper: a yellow brand keeps
    its yellow buttons, though its links must be darker.
    """

    accent: str
    fill: str
    hover: str
    ink: str


@dataclass(frozen=True)
class Accent:
    light: Shade
    dark: Shade

    @property
    def css(self) -> str:
        """The custom properties that every component uses, as one rule for `/<vendor>/theme.css`."""
        light, dark = self.light, self.dark
        return (
            "@layer tokens {\n"
            "  :root {\n"
            f"    --accent: light-dark({light.accent}, {dark.accent});\n"
            f"    --accent-fill: light-dark({light.fill}, {dark.fill});\n"
            f"    --accent-hover: light-dark({light.hover}, {dark.hover});\n"
            f"    --accent-ink: light-dark({light.ink}, {dark.ink});\n"
            "  }\n"
            "}\n"
        )


def is_colour(text: str) -> bool:
    """Whether `text` is a colour written as #rgb or #rrggbb (the # may be missing)."""
    return _HEX.fullmatch(text) is not None


def contrast(first: str, second: str) -> float:
    """The WCAG contrast ratio of two hex colours, from 1.0 to 21.0, whichever is the lighter."""
    lighter, darker = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def ink_on(colour: str) -> str:
    """White or near-black: whichever reads better on a fill of `colour`. Raises ValueError as `variants` does."""
    return max((WHITE, BLACK), key=lambda ink: contrast(ink, colour))


def mixed(colour: str, paper: str, share: float) -> str:
    """`share` of `colour` (0 to 1) in `paper`, as CSS's color-mix(in oklab) does it."""
    pairs = zip(_oklab(_rgb(colour)), _oklab(_rgb(paper)), strict=True)
    lightness, a, b = (share * first + (1 - share) * second for first, second in pairs)
    return _hex(_from_oklab(lightness, a, b))


def variants(colour: str) -> Accent:
    """The light and dark accents nearest to `colour` that read at 4.5:1 on their papers and under their ink.

    Raises ValueError when `colour` is not #rgb or #rrggbb.
    """
    return Accent(light=_shade(colour, LIGHT_PAPERS, darken=True), dark=_shade(colour, DARK_PAPERS, darken=False))


def _shade(colour: str, papers: tuple[str, ...], *, darken: bool) -> Shade:
    lightness, a, b = _oklab(_rgb(colour))
    chroma, hue = math.hypot(a, b), math.atan2(b, a)
    while True:
        candidate = _hex(_in_gamut(lightness, chroma, hue))
        if all(contrast(candidate, ground) >= AA_TEXT for ground in (*papers, mixed(candidate, papers[0], TINT))):
            break
        lightness += -_STEP if darken else _STEP
    own = contrast(ink_on(colour), colour) >= AA_TEXT and contrast(colour, papers[0]) >= SEEN
    fill = _hex(_rgb(colour)) if own else candidate
    ink = ink_on(fill)
    away = BLACK if ink == WHITE else WHITE
    return Shade(accent=candidate, fill=fill, hover=mixed(away, fill, HOVER), ink=ink)


def _rgb(colour: str) -> Rgb:
    """Linear light in 0..1 for red, green and blue."""
    match = _HEX.fullmatch(colour)
    if match is None:
        raise ValueError(f"{colour!r} is not a colour: write #rgb or #rrggbb")
    digits = match[1]
    if len(digits) == 3:
        digits = "".join(digit * 2 for digit in digits)
    red, green, blue = (int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4))
    return _linear(red), _linear(green), _linear(blue)


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else math.pow((channel + 0.055) / 1.055, 2.4)


def _gamma(channel: float) -> float:
    return channel * 12.92 if channel <= 0.0031308 else 1.055 * math.pow(channel, 1 / 2.4) - 0.055


def _hex(rgb: Rgb) -> str:
    return "#" + "".join(f"{round(_gamma(min(max(channel, 0.0), 1.0)) * 255):02x}" for channel in rgb)


def _luminance(colour: str) -> float:
    red, green, blue = _rgb(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


# OKLab by Björn Ottosson, https://bottosson.github.io/posts/oklab/ (public domain).
def _oklab(rgb: Rgb) -> tuple[float, float, float]:
    red, green, blue = rgb
    long = math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    medium = math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    short = math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    lightness = 0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short
    a = 1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short
    b = 0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short
    return lightness, a, b


def _from_oklab(lightness: float, a: float, b: float) -> Rgb:
    long = math.pow(lightness + 0.3963377774 * a + 0.2158037573 * b, 3)
    medium = math.pow(lightness - 0.1055613458 * a - 0.0638541728 * b, 3)
    short = math.pow(lightness - 0.0894841775 * a - 1.2914855480 * b, 3)
    return (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )


def _in_gamut(lightness: float, chroma: float, hue: float) -> Rgb:
    """The colour with as much of `chroma` as sRGB can show at this lightness and hue."""
    lightness = min(max(lightness, 0.0), 1.0)
    while True:
        rgb = _from_oklab(lightness, chroma * math.cos(hue), chroma * math.sin(hue))
        if chroma <= 0 or all(-1e-4 <= channel <= 1 + 1e-4 for channel in rgb):
            return rgb
        chroma = max(chroma - 0.002, 0.0)
