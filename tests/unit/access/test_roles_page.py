"""The page about roles says what the table of roles says."""

from pathlib import Path

from apps.access.roles import ROLES, Permission, permissions_of, roles_with, sight_of

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "staff-and-roles.md"


def test_the_page_has_a_row_for_each_role_with_its_rights() -> None:
    shown = [line for line in PAGE.read_text().splitlines() if line.startswith("| `")]

    expected = [
        "| "
        + " | ".join(
            [
                f"`{role}`",
                *("yes" if right in permissions_of([role]) else "" for right in Permission),
                sight_of([role]).name,
            ]
        )
        + " |"
        for role in ROLES
    ]
    assert [line for line in shown if line.split("`")[1] in ROLES] == expected


def test_the_page_names_every_permission_in_its_head() -> None:
    head = next(line for line in PAGE.read_text().splitlines() if line.startswith("| role"))

    assert head == "| role | " + " | ".join(f"`{right}`" for right in Permission) + " | sight |"


def test_every_permission_is_somebodys() -> None:
    assert [right for right in Permission if not roles_with(right)] == []


def test_nobody_without_a_known_role_may_do_anything() -> None:
    assert permissions_of(["root", "ADMIN", ""]) == frozenset()
    assert sight_of(["root", "ADMIN", ""]) == 0


def test_who_gives_roles_and_ends_sessions_sees_no_payment() -> None:
    overseers = [role for role in ROLES if Permission.END_SESSIONS in permissions_of([role])]

    assert overseers == ["admin"]
    assert sight_of(overseers) == 0
