"""The function with which the journal's trigger hashes the rows that an entry covers."""

from django.db import migrations

# The settings make the text of a row the same in every session; the columns are kept with the hash, so that a
# column added later does not change it.
CREATE = """
CREATE FUNCTION audit_cover(covers jsonb) RETURNS jsonb
LANGUAGE plpgsql
SET search_path = public, pg_temp
SET timezone = 'UTC'
SET datestyle = 'ISO'
SET intervalstyle = 'postgres'
SET bytea_output = 'hex'
SET extra_float_digits = 1
AS $$
DECLARE
    cover jsonb;
    covered regclass;
    key_column name;
    key_type text;
    columns name[];
    listed text;
    hash text;
    result jsonb := '[]'::jsonb;
BEGIN
    FOR cover IN SELECT element FROM jsonb_array_elements(covers) AS element LOOP
        covered := to_regclass(quote_ident(cover ->> 'table'));
        SELECT array_agg(attname ORDER BY attnum), string_agg(quote_ident(attname), ', ' ORDER BY attnum)
            INTO columns, listed
            FROM pg_attribute WHERE attrelid = covered AND attnum > 0 AND NOT attisdropped;
        SELECT a.attname, format_type(a.atttypid, a.atttypmod) INTO key_column, key_type
            FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
            WHERE i.indrelid = covered AND i.indisprimary;
        IF key_column IS NULL THEN
            RAISE EXCEPTION USING ERRCODE = '23J02',
                MESSAGE = format('The journal cannot cover a row of "%s": there is no such table.',
                                 cover ->> 'table');
        END IF;
        EXECUTE format(
            'SELECT encode(sha256(convert_to(row_to_json(covered)::text, ''UTF8'')), ''hex'') '
            'FROM (SELECT %s FROM %s WHERE %I = $1::%s) AS covered',
            listed, covered, key_column, key_type
        ) INTO hash USING cover ->> 'id';
        IF hash IS NULL THEN
            RAISE EXCEPTION USING ERRCODE = '23J02',
                MESSAGE = format('The journal cannot cover row %s of "%s": it is not stored.',
                                 cover ->> 'id', cover ->> 'table');
        END IF;
        result := result || jsonb_build_array(jsonb_build_object(
            'table', cover ->> 'table', 'id', cover ->> 'id', 'columns', to_jsonb(columns), 'sha256', hash));
    END LOOP;
    RETURN result;
END;
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]
    operations = [migrations.RunSQL(CREATE, "DROP FUNCTION audit_cover(jsonb)")]
