from __future__ import annotations

from datetime import date

import pytest

from erlen.script import names
from erlen.script.errors import ScriptError


def test_a_temporary_script_has_the_day_in_its_name() -> None:
    assert names.temporary("export_orders", date(2024, 6, 10)) == "ts_2024_06_10_export_orders"
    assert names.split("ts_2024_06_10_export_orders") == (date(2024, 6, 10), "export_orders")


@pytest.mark.parametrize(
    "name", ["export_orders", "ts_2024_13_10_export", "ts_2024_6_10_export", "ts_export"]
)
def test_other_names_have_no_day(name: str) -> None:
    assert names.split(name) == (None, name)


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("clear_cache", "recycle"),
        ("flush_order_data", "unrecycle"),
        ("ts_2024_06_10_export_custom_s", "yuzaoyah"),
        ("ts_2024_06_10_calendar", "yuzaoyah"),  # with the date it is no module's name
    ],
)
def test_the_names_of_the_convention_are_right(name: str, place: str) -> None:
    assert names.fault_of(name, place) is None


@pytest.mark.parametrize(
    ("name", "place", "fault"),
    [
        ("calendar", "recycle", "standard library has a module 'calendar'"),
        ("ClearCache", "recycle", "small letters"),
        ("clear__cache", "recycle", "small letters"),
        ("清缓存", "recycle", "small letters"),
        ("clear-cache", "recycle", "small letters"),
        ("1st", "recycle", "small letters"),
        ("import", "unrecycle", "word of Python's own"),
        ("a" * 101, "recycle", "at most 100 letters"),
        ("ts_2024_06_10_export", "recycle", "it would be 'export'"),
        ("export_orders", "yuzaoyah", "ts_YEAR_MONTH_DAY"),
        ("ts_2024_02_30_export", "yuzaoyah", "ts_YEAR_MONTH_DAY"),
    ],
)
def test_a_name_that_breaks_the_convention_is_told_why(name: str, place: str, fault: str) -> None:
    assert fault in (names.fault_of(name, place) or "")


@pytest.mark.parametrize("words", ["ts_2024_06_10_x", "../x", "a/b", "", "calendar", "x.py", "x\n"])
def test_words_that_cannot_be_part_of_a_name_are_refused(words: str) -> None:
    with pytest.raises(ScriptError, match=r"give only what the script does|cannot be the name of a script"):
        names.require_words(words)


@pytest.mark.parametrize(
    ("words", "other"),
    [
        ("export_order_data_6573", "export_order_data"),
        ("export_order_data_2024_06_10", "export_order_data"),
        ("export_order_data_05_10_error", "export_order_data"),
        ("export_orders", "export_order"),
        ("export_order_data", "export_order"),
        ("export_custmer_addresses", "export_customer_addresses"),
    ],
)
def test_a_name_that_differs_by_nothing_that_says_something_is_near(words: str, other: str) -> None:
    assert names.near(words, ["clear_cache", other]) == other


@pytest.mark.parametrize(
    ("words", "other"),
    [("clear_cart", "clear_cache"), ("export_order_items", "export_order"), ("flush_product", "flush_order")],
)
def test_a_name_with_another_word_is_not_near(words: str, other: str) -> None:
    assert names.near(words, [other]) is None


@pytest.mark.parametrize(
    ("developer", "folder"),
    [
        ("yuzaoyah", "yuzaoyah"),
        ("Ada Lovelace", "ada_lovelace"),
        ("José Núñez", "jose_nunez"),
        ("A. M. Turing", "a_m_turing"),
        ("o'Neil-Smith", "o_neil_smith"),
    ],
)
def test_a_developer_is_spelt_in_ascii(developer: str, folder: str) -> None:
    assert names.folder_of(developer, "ERLEN_DEVELOPER") == folder


@pytest.mark.parametrize(
    ("developer", "why"),
    [
        ("张三", "cannot be spelt in ASCII"),
        ("张san", "cannot be spelt in ASCII"),
        ("../etc", "cannot be the name of a folder"),
        ("a/b", "cannot be the name of a folder"),
        ("a\\b", "cannot be the name of a folder"),
        (".hidden", "cannot be the name of a folder"),
        ("..", "cannot be the name of a folder"),
        ("a\0b", "cannot be the name of a folder"),
        ("---", "cannot be the name of a developer's folder"),
        ("recycle", "cannot be the name of a developer's folder"),
        ("Unrecycle", "cannot be the name of a developer's folder"),
        ("42", "cannot be the name of a developer's folder"),
    ],
)
def test_a_developer_who_cannot_be_a_folder_is_told_what_to_set(developer: str, why: str) -> None:
    with pytest.raises(ScriptError, match=why) as raised:
        names.folder_of(developer, "git's user.name")
    assert "(git's user.name)" in raised.value.message
    assert "ERLEN_DEVELOPER=zhangsan" in raised.value.message
