"""What the basket sorts by receipt and searches by words, so that a hundred thousand open cases cost what ten do."""

import django.contrib.postgres.indexes
import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):
    # The registry's first migration brings the trigrams.
    dependencies = [("licensing", "0002_numbers_and_signed_text"), ("registry", "0001_initial")]
    operations = [
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                models.F("opened_at"),
                models.F("id"),
                condition=models.Q(("closed_at__isnull", True)),
                name="case_open_by_receipt",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                models.F("opened_at"),
                models.F("id"),
                condition=models.Q(("closed_at__isnull", True), ("officer__isnull", True)),
                name="case_unassigned_by_receipt",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.indexes.OpClass(
                    django.db.models.functions.text.Upper("subject_line"), name="gin_trgm_ops"
                ),
                condition=models.Q(("closed_at__isnull", True)),
                name="case_open_subject_trigrams",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.indexes.OpClass(
                    django.db.models.functions.text.Upper("applicant_name"), name="gin_trgm_ops"
                ),
                condition=models.Q(("closed_at__isnull", True)),
                name="case_open_applicant_trigrams",
            ),
        ),
    ]
