"""A house that had only keys: their owners become principals, and nothing they may do is lost."""

from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import IntegrityError

VERSIONS = "tulou.services.identity.migrations.versions"
KEYS = [
    ("key_1", "default", "admin", '["admin","inference"]', 5.0),
    ("key_2", "default", "admin", '["inference"]', 3.0),
    ("key_3", "north", "ana", '["inference"]', 7.0),
    ("key_4", "north", "ben", '["inference"]', 8.0),
    ("key_5", "north", "ben", '["admin"]', 9.0),
]


def run(connection: Connection, revision: str, way: str) -> None:
    module: Any = import_module(f"{VERSIONS}.{revision}")
    with Operations.context(MigrationContext.configure(connection)):
        getattr(module, way)()


def rows(connection: Connection, query: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in connection.execute(text(query))]


def add_key(connection: Connection, key: tuple[str, str, str, str, float]) -> None:
    connection.execute(
        text(
            "INSERT INTO identity_keys (id, name, prefix, digest, tenant, principal, scopes, models, created_at,"
            " created_by) VALUES (:id, 'k', 'sk', :id, :tenant, :principal, :scopes, '[\"*\"]', :at, '')"
        ),
        dict(zip(("id", "tenant", "principal", "scopes", "at"), key, strict=True)),
    )


def test_owners_of_keys_become_principals_with_the_role_that_their_keys_amount_to(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path}/old.db")
    with engine.begin() as connection:
        run(connection, "0001_keys", "upgrade")
        for key in KEYS:
            add_key(connection, key)
        run(connection, "0002_tenants_and_people", "upgrade")
        assert rows(connection, "SELECT name FROM identity_tenants ORDER BY name") == [("default",), ("north",)]
        assert rows(connection, "SELECT tenant, name FROM identity_projects ORDER BY tenant") == [
            ("default", "default"),
            ("north", "default"),
        ]
        assert rows(connection, "SELECT tenant, name, created_at FROM identity_principals ORDER BY 1, 2") == [
            ("default", "admin", 3.0),
            ("north", "ana", 7.0),
            ("north", "ben", 8.0),
        ]
        assert rows(connection, "SELECT principal, role, project FROM identity_bindings ORDER BY 1") == [
            ("admin", "operator", ""),
            ("ana", "developer", ""),
            ("ben", "operator", ""),
        ]
        assert rows(connection, "SELECT DISTINCT project FROM identity_keys") == [("default",)]
        add_key(connection, ("key_6", "north", "ana", '["inference"]', 10.0))  # by a process that is older still
        run(connection, "0002_tenants_and_people", "downgrade")
        assert len(rows(connection, "SELECT id FROM identity_keys")) == 6
    engine.dispose()


def test_a_new_house_has_its_first_tenant_and_nobody(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path}/new.db")
    with engine.begin() as connection:
        run(connection, "0001_keys", "upgrade")
        run(connection, "0002_tenants_and_people", "upgrade")
        assert rows(connection, "SELECT name FROM identity_tenants") == [("default",)]
        assert rows(connection, "SELECT name FROM identity_principals") == []
    engine.dispose()


def test_keys_of_an_older_house_stay_as_they_were_and_a_disabled_one_is_never_let_in_by_an_older_house(
    tmp_path: Path,
) -> None:
    engine = create_engine(f"sqlite:///{tmp_path}/old.db")
    with engine.begin() as connection:
        run(connection, "0001_keys", "upgrade")
        for key in KEYS:
            add_key(connection, key)
        run(connection, "0002_tenants_and_people", "upgrade")
        run(connection, "0003_deleted", "upgrade")
        unchanged = "SELECT count(*) FROM identity_keys WHERE disabled IS NULL AND gone_with IS NULL"
        assert rows(connection, unchanged) == [(len(KEYS),)]
        connection.execute(text("UPDATE identity_keys SET disabled = 'came back' WHERE id = 'key_1'"))
        run(connection, "0003_deleted", "downgrade")
        assert rows(connection, "SELECT id FROM identity_keys WHERE revoked_at IS NOT NULL") == [("key_1",)]
    engine.dispose()


def test_an_address_becomes_each_tenants_own_and_on_the_way_back_is_left_to_who_had_it_first(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path}/old.db")
    add = text(
        "INSERT INTO identity_principals (tenant, name, kind, title, email, attributes, suspended, created_at,"
        " password, factor, factor_begun, factor_step)"
        " VALUES (:tenant, 'ana', 'user', 'A', :email, '{}', '', :at, '', '', '', 7)"
    )
    with engine.begin() as connection:
        for revision in ("0001_keys", "0002_tenants_and_people", "0003_deleted"):
            run(connection, revision, "upgrade")
        connection.execute(add, {"tenant": "north", "email": "ana@example.org", "at": 5.0})
        run(connection, "0004_email_by_tenant", "upgrade")
        connection.execute(add, {"tenant": "default", "email": "ana@example.org", "at": 6.0})
        connection.execute(add, {"tenant": "south", "email": None, "at": 6.0})
        with pytest.raises(IntegrityError), connection.begin_nested():
            connection.execute(
                text("UPDATE identity_principals SET name = 'b', tenant = 'north' WHERE tenant = 'default'")
            )
        run(connection, "0004_email_by_tenant", "downgrade")
        assert rows(
            connection, "SELECT tenant, email, title, factor_step FROM identity_principals ORDER BY tenant"
        ) == [
            ("default", None, "A", 7),
            ("north", "ana@example.org", "A", 7),
            ("south", None, "A", 7),
        ]
        with pytest.raises(IntegrityError), connection.begin_nested():
            connection.execute(text("UPDATE identity_principals SET email = 'ana@example.org'"))
    engine.dispose()
