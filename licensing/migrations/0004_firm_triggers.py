"""What was filed, answered and issued stays: the condition moves from the function into the trigger."""

import audit.triggers
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('licensing', '0003_basket_indexes'),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name='application',
            name='filed_stays',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='informationrequest',
            name='answered_once',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='license',
            name='license_terms_stay',
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='application',
            trigger=pgtrigger.compiler.Trigger(name='filed_stays', sql=audit.triggers.FirmTriggerSql(condition='WHEN (NOT (OLD.submitted_at IS NULL OR (NEW.organization_id, NEW.site_name, NEW.site_country_id, NEW.installation_id, NEW.declared_installed, NEW.declared_licensed, NEW.declared_pending, NEW.end_use, NEW.declared_facts, NEW.certifier_name, NEW.certified_on, NEW.submitted_at, NEW.transaction_digest) IS NOT DISTINCT FROM (OLD.organization_id, OLD.site_name, OLD.site_country_id, OLD.installation_id, OLD.declared_installed, OLD.declared_licensed, OLD.declared_pending, OLD.end_use, OLD.declared_facts, OLD.certifier_name, OLD.certified_on, OLD.submitted_at, OLD.transaction_digest)))', func="RAISE EXCEPTION USING ERRCODE = '23J01', MESSAGE = 'What was filed stays as it was certified.';", hash='6f5200a6360ac6ef67f9e84246d48d8b3d627a19', operation='UPDATE', pgid='pgtrigger_filed_stays_cf3f2', table='licensing_application', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='informationrequest',
            trigger=pgtrigger.compiler.Trigger(name='answered_once', sql=audit.triggers.FirmTriggerSql(condition='WHEN (NOT (OLD.answered_at IS NULL AND (NEW.case_id, NEW.number, NEW.question, NEW.asked_at) = (OLD.case_id, OLD.number, OLD.question, OLD.asked_at)))', func="RAISE EXCEPTION USING ERRCODE = '23J01', MESSAGE = 'A question and its answer stay as they were sent.';", hash='5a7cfa6f4cb767ff9c46e5c609f59033b76841de', operation='UPDATE', pgid='pgtrigger_answered_once_ee18e', table='licensing_informationrequest', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='license',
            trigger=pgtrigger.compiler.Trigger(name='license_terms_stay', sql=audit.triggers.FirmTriggerSql(condition='WHEN (NOT ((NEW.number, NEW.case_id, NEW.organization_id, NEW.issued_at, NEW.valid_from, NEW.expires_on, NEW.verification_code) = (OLD.number, OLD.case_id, OLD.organization_id, OLD.issued_at, OLD.valid_from, OLD.expires_on, OLD.verification_code)))', func="RAISE EXCEPTION USING ERRCODE = '23J01', MESSAGE = 'The terms of an issued license stay as they were issued.';", hash='ffb38a84435207595304014460446ab4c8b65608', operation='UPDATE', pgid='pgtrigger_license_terms_stay_e5d83', table='licensing_license', when='BEFORE')),
        ),
    ]
