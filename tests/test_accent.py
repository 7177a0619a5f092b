"""A vendor's colour is kept when it reads, and moved only as far as it must when it does not."""

from __future__ import annotations

import colorsys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supportdesk.accent import AA_TEXT, DARK_PAPERS, LIGHT_PAPERS, TINT, contrast, is_colour, mixed, variants

COLOURS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


def hue(colour: str) -> float:
    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return colorsys.rgb_to_hls(red, green, blue)[0] * 360


@pytest.mark.parametrize(
    ("first", "second", "ratio"),
    [("#000", "#fff", 21.0), ("#ffffff", "#ffffff", 1.0), ("#777777", "#ffffff", 4.48), ("#0000ff", "#ffffff", 8.59)],
)
def test_contrast_is_what_wcag_says(first: str, second: str, ratio: float) -> None:
    assert contrast(first, second) == pytest.approx(ratio, abs=0.01)
    assert contrast(second, first) == contrast(first, second)


@given(COLOURS)
def test_every_colour_reads_on_both_papers_and_carries_its_ink(colour: str) -> None:
    accent = variants(colour)
    for shade, papers in ((accent.light, LIGHT_PAPERS), (accent.dark, DARK_PAPERS)):
        assert contrast(shade.ink, shade.fill) >= AA_TEXT
        assert contrast(shade.ink, shade.hover) >= AA_TEXT
        assert all(contrast(shade.accent, paper) >= AA_TEXT for paper in papers)
        assert contrast(shade.accent, mixed(shade.accent, papers[0], TINT)) >= AA_TEXT


def test_a_colour_that_already_reads_is_left_alone() -> None:
    assert variants("#0b5cad").light.accent == "#0b5cad"
    assert variants("#8ab4ff").dark.accent == "#8ab4ff"


@pytest.mark.parametrize("brand", ["#ffc806", "#f79421", "#00d9b2", "#6359ff", "#ff3366"])
def test_only_the_lightness_moves(brand: str) -> None:
    moved = variants(brand)
    for shade in (moved.light, moved.dark):
        apart = abs(hue(shade.accent) - hue(brand))
        assert min(apart, 360 - apart) < 20


@pytest.mark.parametrize("text", ["", "red", "#12", "#12345", "#gggggg", "url(x)", "#123456;}"])
def test_what_is_not_a_colour_is_refused(text: str) -> None:
    assert not is_colour(text)
    with pytest.raises(ValueError, match="is not a colour"):
        variants(text)


def test_buttons_keep_the_brand_even_where_links_cannot() -> None:
    yellow = variants("#fcb900")
    assert yellow.light.fill == yellow.dark.fill == "#fcb900"
    assert yellow.light.accent != "#fcb900"


def test_a_brand_the_colour_of_the_paper_is_still_seen() -> None:
    assert variants("#ffffff").light.fill == variants("#ffffff").light.accent
    assert variants("#15181f").dark.fill == variants("#15181f").dark.accent


def test_three_digits_are_short_for_six() -> None:
    assert variants("#06c") == variants("#0066cc")


def test_the_stylesheet_sets_both_themes() -> None:
    css = variants("#ffc806").css
    assert css.count("light-dark(") == 4
    assert "--accent:" in css
    for name in ("fill", "hover", "ink"):
        assert f"--accent-{name}:" in css
