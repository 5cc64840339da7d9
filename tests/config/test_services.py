"""Which database and which broker: named by the environment, or our own."""

import json
import stat
from pathlib import Path

import pytest

from config import services
from config.services import Addresses, ServicesUnclear

NAMED = {"DATABASE_URL": "postgres://db.example/countersign", "REDIS_URL": "redis://broker.example:6379/0"}


def test_both_named_are_used_as_they_are():
    assert services.get_named(NAMED) == Addresses(NAMED["DATABASE_URL"], NAMED["REDIS_URL"])


def test_none_named_means_our_own():
    assert services.get_named({}) is None
    assert services.get_named({"DATABASE_URL": "", "REDIS_URL": " "}) is None


@pytest.mark.parametrize(("kept", "missing"), [("DATABASE_URL", "REDIS_URL"), ("REDIS_URL", "DATABASE_URL")])
def test_half_a_pair_is_refused_by_name(kept, missing):
    with pytest.raises(ServicesUnclear, match=f"{kept} is set and {missing} is not"):
        services.get_named({kept: NAMED[kept]})


def test_what_a_running_start_wrote_down_is_found_by_the_commands_beside_it(tmp_path):
    (tmp_path / "run").mkdir()
    addresses = Addresses("postgres://countersign@%2Ftmp%2Fx/countersign", "unix:///tmp/x/valkey.sock?db=0")
    services.write_down(tmp_path, addresses)
    assert services.find_addresses({"COUNTERSIGN_VAR": str(tmp_path)}) == addresses
    assert services.find_addresses({"COUNTERSIGN_VAR": str(tmp_path), **NAMED}) != addresses
    written = tmp_path / "run" / "services.json"
    assert stat.S_IMODE(written.stat().st_mode) == 0o600
    assert json.loads(written.read_text())["redis_url"] == addresses.redis_url
    services.forget_written(tmp_path)
    assert services.get_written(tmp_path) is None


def test_sockets_have_a_short_path_however_long_the_folder_is(tmp_path):
    place = services.get_place(tmp_path / ("long folder " * 12) / "var")
    assert len(bytes(place.sockets / ".s.PGSQL.5432.lock")) < 60
    assert place.sockets != services.get_place(tmp_path / "another" / "var").sockets


@pytest.mark.parametrize(
    ("redis_url", "broker_url"),
    [
        ("redis://h:6379/3", "redis://h:6379/3"),
        ("unix:///tmp/x/valkey.sock?db=3", "redis+socket:///tmp/x/valkey.sock?virtual_host=3"),
        ("unix:///tmp/x/valkey.sock", "redis+socket:///tmp/x/valkey.sock"),
    ],
)
def test_celery_gets_the_same_server_in_its_own_words(redis_url, broker_url):
    assert services.get_broker_url(redis_url) == broker_url


def test_each_test_process_has_a_broker_database_of_its_own():
    assert services.get_numbered("redis://h:6379/2", 0) == "redis://h:6379/2"
    assert services.get_numbered("redis://h:6379/2", 1) == "redis://h:6379/3"
    assert services.get_numbered("redis://h:6379", 1) == "redis://h:6379/1"
    assert services.get_numbered("unix:///tmp/v.sock?db=0", 5) == "unix:///tmp/v.sock?db=5"


def test_the_folder_for_everything_written_can_lie_elsewhere():
    assert services.get_var_folder({}) == services.REPOSITORY / "var"
    assert services.get_var_folder({"COUNTERSIGN_VAR": "/srv/countersign"}) == Path("/srv/countersign")
