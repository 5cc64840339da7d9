from django.apps import AppConfig


class LicensingConfig(AppConfig):
    """From an application to a license."""

    name = "licensing"

    def ready(self) -> None:
        """Be told, in the same act, when what a requirement stands on falls."""
        from licensing.operations.evidence import reopen_fallen
        from registry.listening import listen

        listen(reopen_fallen)
