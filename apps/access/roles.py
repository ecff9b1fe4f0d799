"""Scopes of API clients and roles of staff; what a role may do stands with the operation."""

SCOPES = (
    "accounts:read",
    "accounts:write",
    "customers:read",
    "customers:write",
    "orders:read",
    "orders:write",
    "payees:read",
    "payees:write",
)

ROLES = ("viewer", "operator", "approver", "compliance", "auditor", "platform", "admin")
