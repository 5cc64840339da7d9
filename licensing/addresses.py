"""Where the pages of a case are, for deadlines and messages. A test proves that the faces serve them there."""

from licensing.models import Application, Case


def on_desk(case: Case) -> str:
    """The case's page on the desk."""
    return f"/desk/cases/{case.acn}/"


def on_portal(application: Application) -> str:
    """The page where an applicant follows a filed application."""
    return f"/portal/applications/{application.reference}/case/"
