"""What the basket finds closed cases by, and the letter that refuses an exemption."""

import django.contrib.postgres.indexes
import django.db.models.functions.text
from django.db import migrations, models

KINDS = [
    ("license", "License"),
    ("exemption", "Exemption notice"),
    ("exemption_refusal", "Refusal of an exemption"),
    ("denial", "Letter of denial"),
    ("return", "Letter of return without action"),
    ("refusal", "Letter of refusal"),
    ("answer", "Letter of answer"),
]


class Migration(migrations.Migration):
    dependencies = [("licensing", "0004_firm_triggers")]
    operations = [
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                models.F("closed_at"),
                models.F("id"),
                condition=models.Q(("closed_at__isnull", False)),
                name="case_closed_by_closing",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.indexes.OpClass(
                    django.db.models.functions.text.Upper("subject_line"), name="gin_trgm_ops"
                ),
                condition=models.Q(("closed_at__isnull", False)),
                name="case_closed_subject_trigrams",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.indexes.OpClass(
                    django.db.models.functions.text.Upper("applicant_name"), name="gin_trgm_ops"
                ),
                condition=models.Q(("closed_at__isnull", False)),
                name="case_closed_applicant_trigrams",
            ),
        ),
        migrations.AlterField(model_name="letter", name="kind", field=models.CharField(choices=KINDS, max_length=20)),
        migrations.RemoveConstraint(model_name="letter", name="letter_kind_known"),
        migrations.AddConstraint(
            model_name="letter",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", [kind for kind, _ in KINDS])), name="letter_kind_known"
            ),
        ),
    ]
