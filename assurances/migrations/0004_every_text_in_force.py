"""Whatever came into force before the binding text was kept rests on its newest signed one."""

from django.db import migrations

NEWEST_SIGNED = """
UPDATE assurances_instrument AS i SET text_in_force_id = (
    SELECT t.id FROM assurances_textversion t
    WHERE t.instrument_id = i.id AND t.is_signed ORDER BY t.number DESC LIMIT 1
)
WHERE i.in_force_at IS NOT NULL AND i.text_in_force_id IS NULL
"""


class Migration(migrations.Migration):
    dependencies = [("assurances", "0003_text_in_force")]

    operations = [migrations.RunSQL(NEWEST_SIGNED, migrations.RunSQL.noop)]
