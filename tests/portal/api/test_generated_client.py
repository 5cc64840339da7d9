"""A client generated from the schema files an application over HTTP: the schema says what the API does."""

import importlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.core.management import call_command

from licensing.models import Case
from tests.accounts.factories import api_key
from tests.licensing import factories as make
from tests.portal.api.test_filing_by_key import DRAFT

PACKAGE = "countersign_client"


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The client, made from today's schema by a generator that knows nothing of this project."""
    folder = tmp_path_factory.mktemp("client")
    schema, settings = folder / "schema.yaml", folder / "generator.yaml"
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(schema))
    settings.write_text("post_hooks: []\ncontent_type_overrides: {application/pdf: application/octet-stream}\n")
    program = Path(sys.executable).parent / "openapi-python-client"
    made = subprocess.run(
        [
            *[str(program), "generate", "--path", str(schema), "--config", str(settings)],
            *["--meta", "none", "--fail-on-warning", "--output-path", str(folder / PACKAGE)],
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert made.returncode == 0, made.stdout + made.stderr
    sys.path.insert(0, str(folder))
    yield importlib.import_module(PACKAGE)
    sys.path.remove(str(folder))
    for name in [name for name in sys.modules if name.split(".")[0] == PACKAGE]:
        del sys.modules[name]


def part(name: str) -> Any:
    """A module of the generated client."""
    return importlib.import_module(f"{PACKAGE}.{name}")


@pytest.mark.django_db(transaction=True)
def test_it_files_an_application_with_a_document_and_reads_what_became_of_it(generated, live_server):
    make.load_rules()
    who = make.people()
    secret = api_key(organization=who.organization)[1]
    with generated.AuthenticatedClient(base_url=live_server.url, token=secret) as client:
        file_through(client)


def file_through(client: Any) -> None:
    """Create, add a document, certify, follow: each by the generated function of its name."""
    models = part("models")

    body = models.DraftRequest.from_dict(json.loads(json.dumps(DRAFT)))
    draft = part("api.applications.create_application").sync(client=client, body=body, idempotency_key="create")
    assert draft.lacking == []

    upload = models.UploadRequest(
        kind=models.DocumentKindEnum("other"),
        title="Specification",
        file=part("types").File(payload=make.pdf().file, file_name="plan.pdf", mime_type="application/pdf"),
    )
    document = part("api.applications.add_document").sync(
        reference=draft.reference, client=client, body=upload, idempotency_key="document"
    )
    assert document.pages == 1

    certification = models.CertificationRequest(
        name="A. Person", title="Manager", certified=True, version=draft.version
    )
    filed = part("api.applications.submit_application").sync(
        reference=draft.reference, client=client, body=certification, idempotency_key="submit"
    )
    case = Case.objects.get()
    assert filed.case.acn == case.acn

    standing = part("api.applications.read_status").sync(reference=UUID(str(draft.reference)), client=client)
    assert standing.determination.tier == "small"
    assert (
        part("api.cases.list_requirements").sync_detailed(reference=draft.reference, client=client).status_code == 200
    )
