from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "ledger"

    def ready(self) -> None:
        """Have every verification of the journal walk the ledger too, and every seal reach it."""
        from audit.verification import register
        from ledger.verification import CHAINS, verify_ledger

        register("ledger", verify_ledger, CHAINS)
