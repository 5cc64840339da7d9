"""Addresses under /desk/visits/ of the calendar, the officers and their teams. A page and its view bear one name."""

from django.urls import path

from desk.inspections import calendar, feeds, officers, scheduling

urlpatterns = [
    path("calendar/", calendar.month, name="calendar"),
    path("calendar/week/", calendar.week, name="calendar_week"),
    path("calendar/feed/", feeds.address, name="calendar_feed"),
    path("calendar/feed/end/", feeds.end, name="calendar_feed_end"),
    path("officers/", officers.register, name="visit_officers"),
    path("officers/add/", officers.add, name="visit_officer_add"),
    path("officers/<int:officer_id>/", officers.change, name="visit_officer_change"),
    path("officers/<int:officer_id>/absences/", officers.absences, name="visit_officer_absences"),
    path(
        "officers/<int:officer_id>/absences/<int:absence_id>/end/",
        officers.end_absence,
        name="visit_officer_absence_end",
    ),
    path("teams/form/", officers.form_team, name="visit_team_form"),
    path("teams/<int:team_id>/", officers.change_team, name="visit_team_change"),
    path("teams/<int:team_id>/close/", officers.close_team, name="visit_team_close"),
    path("<int:visit_id>/schedule/", scheduling.schedule, name="visit_schedule"),
    path("<int:visit_id>/reschedule/", scheduling.reschedule, name="visit_reschedule"),
    path("<int:visit_id>/unschedule/", scheduling.unschedule, name="visit_unschedule"),
]
