"""REST endpoints of customers: enrolment, change, suspension, un-enrolment, products."""

from django.conf import settings
from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from apps.profiles import selectors, serializers, services
from apps.profiles.domain.lifecycle import STATUSES
from apps.profiles.models import Customer
from apps.profiles.unenrolment import unenrol_customer
from dpms_site.rest import query
from dpms_site.rest.pages import Position, page_answer, page_of
from dpms_site.rest.schema import PAGE_PARAMETERS, page_schema
from dpms_site.rest.views import RestView, answer, path_id


def _customer_id(value: str) -> str:
    return path_id("cus", value, "customer_not_found")


def _position(row: Customer) -> Position:
    return Position(row.created_at, row.id)


class CustomersView(RestView):
    scopes = {"GET": "customers:read", "POST": "customers:write"}

    @extend_schema(
        operation_id="customers_list",
        summary="Customers, newest first",
        tags=["customers"],
        parameters=PAGE_PARAMETERS,
        responses=page_schema(serializers.CustomerOut),
    )
    def get(self, request: Request) -> HttpResponse:
        page = page_of(request, name="customers", status=query.one_of(STATUSES))
        rows = selectors.customers_page(page)
        return page_answer(
            request, page, rows, position=_position, row_json=serializers.customer_json
        )

    @extend_schema(
        operation_id="customers_create",
        summary="Enrol a customer",
        tags=["customers"],
        request=serializers.CustomerIn,
        responses={201: serializers.CustomerOut},
    )
    def post(self, request: Request) -> HttpResponse:
        enrolment = self.body(serializers.CustomerIn)
        customer = services.enrol_customer(enrolment, made=self.made("enrolled"))
        return answer(
            serializers.customer_json(customer),
            status=201,
            headers={"Location": f"{request.path}/{customer.id}"},
        )


class CustomerView(RestView):
    scopes = {"GET": "customers:read", "PATCH": "customers:write"}

    @extend_schema(
        operation_id="customers_read",
        summary="One customer",
        tags=["customers"],
        responses=serializers.CustomerOut,
    )
    def get(self, request: Request, customer_id: str) -> HttpResponse:
        query.query_of(request)
        customer = selectors.customer_by_id(_customer_id(customer_id))
        return answer(serializers.customer_json(customer))

    @extend_schema(
        operation_id="customers_change",
        summary="Change a customer's data; refused when `version` is not the present one",
        tags=["customers"],
        request=serializers.CustomerPatch,
        responses=serializers.CustomerOut,
    )
    def patch(self, _request: Request, customer_id: str) -> HttpResponse:
        wanted = self.body(serializers.CustomerPatch)
        customer = services.change_customer(
            customer_id=_customer_id(customer_id),
            version=wanted.pop("version"),
            wanted=wanted,
            made=self.made("changed by the client"),
        )
        return answer(serializers.customer_json(customer))


class ContactCodeView(RestView):
    scopes = {"POST": "customers:write"}

    @extend_schema(
        operation_id="customers_send_code",
        summary="Send a one-time code to the customer's e-mail address or phone",
        tags=["customers"],
        request=serializers.ContactCodeIn,
        responses={201: serializers.ContactCodeOut},
    )
    def post(self, _request: Request, customer_id: str) -> HttpResponse:
        customer, code = services.send_contact_code(
            customer_id=_customer_id(customer_id),
            channel=self.body(serializers.ContactCodeIn)["channel"],
            made=self.made("code sent"),
        )
        body = serializers.contact_code_json(customer)
        if settings.SANDBOX:
            body["sandbox_code"] = code
        return answer(body, status=201)


class ContactVerificationView(RestView):
    scopes = {"POST": "customers:write"}

    @extend_schema(
        operation_id="customers_verify",
        summary="Prove the contact with the code; ACTIVE when nothing else is missing",
        tags=["customers"],
        request=serializers.CodeIn,
        responses=serializers.CustomerOut,
    )
    def post(self, _request: Request, customer_id: str) -> HttpResponse:
        customer = services.verify_contact(
            customer_id=_customer_id(customer_id),
            code=self.body(serializers.CodeIn)["code"],
            made=self.made("contact verified"),
        )
        return answer(serializers.customer_json(customer))


class SuspensionView(RestView):
    scopes = {"POST": "customers:write"}

    @extend_schema(
        operation_id="customers_suspend",
        summary="Suspend: neither sends nor is paid until reinstated",
        tags=["customers"],
        request=serializers.ReasonIn,
        responses=serializers.CustomerOut,
    )
    def post(self, _request: Request, customer_id: str) -> HttpResponse:
        asked = self.body(serializers.ReasonIn)
        customer = services.suspend_customer(
            customer_id=_customer_id(customer_id),
            version=asked.get("version"),
            made=self.made(asked["reason"]),
        )
        return answer(serializers.customer_json(customer))


class ReinstatementView(RestView):
    scopes = {"POST": "customers:write"}

    @extend_schema(
        operation_id="customers_reinstate",
        summary="Reinstate a suspended customer",
        tags=["customers"],
        request=serializers.ReasonIn,
        responses=serializers.CustomerOut,
    )
    def post(self, _request: Request, customer_id: str) -> HttpResponse:
        asked = self.body(serializers.ReasonIn)
        customer = services.reinstate_customer(
            customer_id=_customer_id(customer_id),
            version=asked.get("version"),
            made=self.made(asked["reason"]),
        )
        return answer(serializers.customer_json(customer))


class UnenrolmentView(RestView):
    scopes = {"POST": "customers:write"}

    @extend_schema(
        operation_id="customers_unenrol",
        summary="Un-enrol; refused with the orders' ids while orders are under way",
        tags=["customers"],
        request=serializers.ReasonIn,
        responses=serializers.CustomerOut,
    )
    def post(self, _request: Request, customer_id: str) -> HttpResponse:
        asked = self.body(serializers.ReasonIn)
        customer = unenrol_customer(
            customer_id=_customer_id(customer_id),
            version=asked.get("version"),
            made=self.made(asked["reason"]),
        )
        return answer(serializers.customer_json(customer))


class ProductsView(RestView):
    scopes = {"POST": "customers:write"}

    @extend_schema(
        operation_id="customers_enrol_product",
        summary="Enrol the customer in one product",
        tags=["customers"],
        request=serializers.ProductIn,
        responses={201: serializers.CustomerOut},
    )
    def post(self, _request: Request, customer_id: str) -> HttpResponse:
        customer = services.enrol_product(
            customer_id=_customer_id(customer_id),
            name=self.body(serializers.ProductIn)["product"],
            made=self.made("enrolled in a product"),
        )
        return answer(serializers.customer_json(customer), status=201)


class ProductView(RestView):
    scopes = {"DELETE": "customers:write"}

    @extend_schema(
        operation_id="customers_leave_product",
        summary="Leave one product; orders under way end by themselves",
        tags=["customers"],
        responses=serializers.CustomerOut,
    )
    def delete(self, _request: Request, customer_id: str, product: str) -> HttpResponse:
        customer = services.leave_product(
            customer_id=_customer_id(customer_id),
            name=product,
            made=self.made("left a product"),
        )
        return answer(serializers.customer_json(customer))
