"""A bank whose orders a test moves by hand, and whose feed says so when the test wants."""

from pymongo.database import Database

from apps.console.feed import Feed
from apps.transactions.domain.order import Order
from dpms_site.lease import BRIDGE, Lease
from dpms_site.mongodb import Document
from streaming.contracts.codec import storable
from tests.integration.console.builders import record_of


class Bank:
    """Writes orders and numbers them, as the platform would; the bridge's lease is held."""

    def __init__(self, database: Database[Document], feed: Feed) -> None:
        self.orders = database["orders"]
        self.feed = feed
        self.lease = Lease(database["leases"], name=BRIDGE, holder="tests")
        self.lease.hold()

    def write(self, order: Order) -> None:
        self.orders.replace_one({"_id": order["_id"]}, storable(order), upsert=True)

    def number(self, *orders: Order) -> None:
        self.feed.append([record_of(order) for order in orders])

    def happen(self, order: Order) -> Order:
        self.write(order)
        self.number(order)
        return order
