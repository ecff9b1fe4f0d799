"""OpenAPI: what every operation shares, so that views state only their own bodies."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.utils import OpenApiParameter, inline_serializer
from rest_framework import serializers

PROBLEM = {
    "type": "object",
    "description": "RFC 9457 problem",
    "required": [
        "type",
        "title",
        "status",
        "detail",
        "instance",
        "code",
        "request_id",
        "errors",
    ],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
        "code": {"type": "string"},
        "request_id": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "code", "detail"],
                "properties": {
                    "pointer": {"type": "string"},
                    "code": {"type": "string"},
                    "detail": {"type": "string"},
                },
            },
        },
    },
}


PAGE_PARAMETERS = [
    OpenApiParameter("limit", int, description="1 to 200, 50 when left out"),
    OpenApiParameter("cursor", str, description="`next` of the page before, with the same filters"),
]
IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description="1 to 255 printable ASCII characters, bare or in double quotes; the same key is the same order",
)
OPTIONAL_KEY = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description="Optional; the same key with the same body is answered as at first and done once",
)


def page_schema(row: type[serializers.Serializer[Any]]) -> Any:
    """The schema of a page of rows."""
    return inline_serializer(
        f"{row.__name__.removesuffix('Out')}Page",
        {
            "data": row(many=True),
            "next": serializers.CharField(allow_null=True),
            "has_more": serializers.BooleanField(),
        },
    )


class BearerTokenScheme(OpenApiAuthenticationExtension):
    target_class = "apps.access.authentication.BearerToken"
    name = "bearer"

    def get_security_definition(self, _auto_schema: Any) -> dict[str, Any]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}


def with_problems(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Adds the problem answer to every operation: any of them can be refused."""
    result["components"].setdefault("schemas", {})["Problem"] = PROBLEM
    problem = {
        "description": "Refused; `code` says why",
        "content": {
            "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
        },
    }
    for path in result["paths"].values():
        for operation in path.values():
            operation["responses"].setdefault("default", problem)
    return result
