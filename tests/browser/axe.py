"""What axe finds against WCAG 2.2 A and AA on the page in front."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    "resultTypes": ["violations"],
}

SETTLE = "document.getAnimations().filter(each => each instanceof CSSTransition).forEach(each => each.finish())"
"""Colours on their way from light to dark are nobody's reading."""


def faults_of(page: Page) -> list[str]:
    """Each fault: the page, the rule, where, and why."""
    page.wait_for_load_state()
    page.evaluate("document.fonts.ready")
    page.evaluate(SETTLE)
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    answer: dict[str, Any] = page.evaluate("rules => axe.run(document, rules)", RULES)
    return [
        f"{page.url} {fault['id']}: {node['target']} {node['failureSummary']}"
        for fault in answer["violations"]
        for node in fault["nodes"]
    ]
