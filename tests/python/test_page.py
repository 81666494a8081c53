"""The page at `/` and the interface at `/docs`, in a real browser."""

import os
import re
import shutil

import pytest
from playwright.sync_api import expect, sync_playwright

ORIGIN = f"http://{os.environ['GUARD_ADDRESS']}"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
PROMPT = "Write to ann.smith@example.org about the boat."


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(params=[(1280, 900), (390, 844)], ids=["desk", "phone"])
def page(browser, request):
    """The page at one size; whatever it asks elsewhere or complains of fails the test."""
    width, height = request.param
    page = browser.new_page(viewport={"width": width, "height": height})
    faults = []
    page.on("console", lambda message: faults.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("request", lambda asked: faults.append(asked.url) if not asked.url.startswith((ORIGIN, "data:")) else None)
    yield page
    assert faults == []
    page.close()


def look(page):
    page.goto(ORIGIN)
    page.wait_for_selector("#marked mark")
    page.fill("#prompt", PROMPT)
    page.click("#form button")
    expect(page.locator("#sent")).to_contain_text("the boat")


def test_a_prompt_is_shown_as_found_and_as_sent(page):
    look(page)
    assert page.inner_text("#marked mark") == "ann.smith@example.orgEMAIL_ADDRESS"
    assert "[EMAIL_1]" in page.inner_text("#sent")
    assert "ann.smith" not in page.inner_text("#sent")
    assert page.inner_text("#findings tbody tr td:first-child") == "EMAIL_ADDRESS"


def test_the_models_answer_streams_in_with_the_originals(page):
    look(page)
    page.fill("#model", "echo-3")
    page.click("#ask")
    expect(page.locator("#answer")).to_contain_text(PROMPT)


def test_what_goes_on_is_shown_as_it_happens(page):
    look(page)
    page.click("#ask")
    expect(page.locator("#rate-peak")).to_have_text(re.compile("[1-9]"))
    page.wait_for_selector("#types meter", state="attached")
    assert page.inner_text("#state") == "connected"


def test_nothing_is_wider_than_the_window(page):
    look(page)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_all_fields_have_names_for_those_who_do_not_see_them(page):
    look(page)
    unnamed = "[...document.querySelectorAll('input, select, textarea')].filter((field) => !field.labels.length).length"
    assert page.evaluate(unnamed) == 0


def test_the_interface_is_told_with_every_path(page):
    page.goto(f"{ORIGIN}/docs")
    page.wait_for_selector("details")
    told = page.inner_text("#interface")
    assert "POST /v1/chat/completions" in told and "DELETE /guard/v1/sessions/{id}" in told
