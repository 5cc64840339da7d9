"""The inbox: tell people what happened, and note what they have read."""

from collections.abc import Iterable
from datetime import datetime

from accounts.models import User
from accounts.permissions import NotPermitted
from accounts.rules import Principal
from deadlines.models import Notification

LONGEST_LINE = 500


def notify(*, users: Iterable[User], kind: str, says: str, url: str, at: datetime) -> int:
    """Put one line in the inbox of each active user, once each; returns how many were told.

    Call it on commit of the act it tells of, in the words of the act ("Case C104233 was assigned to you").
    A line of more than 500 characters is cut, with an ellipsis.
    """
    line = says if len(says) <= LONGEST_LINE else says[: LONGEST_LINE - 1].rstrip() + "…"
    readers = {user.pk for user in users if user.is_active}
    Notification.objects.bulk_create(
        Notification(user_id=reader, kind=kind, says=line, url=url, created_at=at) for reader in sorted(readers)
    )
    return len(readers)


def mark_read(*, notification: Notification, by: Principal, at: datetime) -> None:
    """Note that its reader has read it. The first reading counts; nobody reads for another."""
    actor = by.actor
    if (actor.kind, actor.id) != ("user", str(notification.user_id)):
        raise NotPermitted("Only the person to whom a notification was sent can mark it as read.")
    # One conditional statement: of two clicks, the second finds nothing to change.
    if Notification.objects.filter(pk=notification.pk, read_at=None).update(read_at=at):
        notification.read_at = at


def mark_all_read(*, user: User, by: Principal, at: datetime) -> int:
    """Note that `user` has read the whole inbox; returns how many lines were unread."""
    actor = by.actor
    if (actor.kind, actor.id) != ("user", str(user.pk)):
        raise NotPermitted("Only its owner can mark an inbox as read.")
    return Notification.objects.filter(user=user, read_at=None, created_at__lte=at).update(read_at=at)
