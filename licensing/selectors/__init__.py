"""Reads of applications, cases, licenses and what belongs to them, finished before a template starts."""

from .applications import (
    ApplicationPage,
    FiledPage,
    get_application,
    get_application_page,
    get_filed_page,
    get_letter,
    list_applications_of,
    list_licenses_of,
)
from .basket import COUNTED, BasketFilters, BasketPage, BasketRow, list_basket, list_destinations, list_views
from .case_page import CaseClock, CasePage, get_case, get_case_document, get_case_letter, get_case_page
from .validation import Validation, get_validation

__all__ = [
    "COUNTED",
    "ApplicationPage",
    "BasketFilters",
    "BasketPage",
    "BasketRow",
    "CaseClock",
    "CasePage",
    "FiledPage",
    "Validation",
    "get_application",
    "get_application_page",
    "get_case",
    "get_case_document",
    "get_case_letter",
    "get_case_page",
    "get_filed_page",
    "get_letter",
    "get_validation",
    "list_applications_of",
    "list_basket",
    "list_destinations",
    "list_licenses_of",
    "list_views",
]
