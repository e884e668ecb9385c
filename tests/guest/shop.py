"""django-oscar, a shop that nobody here wrote, as a process: it migrates, then places orders.

``python tests/guest/shop.py NAME USER HOST PORT migrate`` creates its tables by its own migrations.
With ``work`` it reads a line at a time: ``order`` places one, ``start`` places them until ``stop``.
It answers each with the number of orders that it placed since the last answer.
"""

from __future__ import annotations

import sys
import threading
from typing import Any

import django
from django.conf import settings


def configure(name: str, user: str, host: str, port: str) -> None:
    """Set Django up for a shop on one database, whose connection lives on."""
    from oscar import INSTALLED_APPS
    from oscar.defaults import __dict__ as defaults

    apps = [app for app in INSTALLED_APPS if app not in ("sorl.thumbnail", "easy_thumbnails")]
    settings.configure(
        **{key: value for key, value in defaults.items() if key.startswith("OSCAR")},
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.postgresql",
                "NAME": name,
                "USER": user,
                "HOST": host,
                "PORT": port,
                "CONN_MAX_AGE": None,
                "ATOMIC_REQUESTS": True,
            }
        },
        INSTALLED_APPS=[
            "django.contrib.contenttypes",
            "django.contrib.auth",
            "django.contrib.sessions",
            "django.contrib.sites",
            "django.contrib.flatpages",
            "django.contrib.messages",
            "django.contrib.admin",
            *(app for app in apps if not app.startswith("django.contrib.")),
        ],
        HAYSTACK_CONNECTIONS={
            "default": {"ENGINE": "haystack.backends.simple_backend.SimpleEngine"}
        },
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        SECRET_KEY="of a test",
        SITE_ID=1,
        USE_TZ=True,
        LOGGING_CONFIG=None,
    )
    django.setup()


def migrate() -> None:
    """Create the tables, and a catalogue of three products in stock."""
    from django.core.management import call_command
    from oscar.test import factories

    call_command("migrate", verbosity=0)
    for number in range(3):
        factories.create_product(
            title=f"Product {number}", price=10 + number, num_in_stock=1_000_000
        )


def place_order() -> Any:
    """Put a product into a basket and order it, through the shop's own code."""
    from decimal import Decimal

    from django.db import transaction
    from oscar.apps.basket.models import Basket
    from oscar.apps.catalogue.models import Product
    from oscar.apps.order.utils import OrderCreator, OrderNumberGenerator
    from oscar.apps.partner import strategy
    from oscar.apps.shipping.methods import Free
    from oscar.core import prices

    with transaction.atomic():
        basket = Basket.objects.create()
        basket.strategy = strategy.Default()
        basket.add_product(Product.objects.order_by("id").first(), quantity=1)
        total = prices.Price("GBP", Decimal(basket.total_excl_tax), Decimal(basket.total_excl_tax))
        method = Free()
        order = OrderCreator().place_order(
            basket=basket,
            total=total,
            shipping_method=method,
            shipping_charge=method.calculate(basket),
            order_number=OrderNumberGenerator().order_number(basket),
        )
        basket.submit()
        return order


def work() -> None:
    """Do what the lines of standard input say."""
    stop, placed, failed = threading.Event(), list[Any](), list[str]()

    def place_until_stopped() -> None:
        from django.db import connection

        try:
            while not stop.is_set():
                placed.append(place_order())
        except Exception as error:  # the test shows it
            failed.append(repr(error))
        finally:
            connection.close()

    thread = threading.Thread()
    for line in sys.stdin:
        match line.strip():
            case "order":
                placed.append(place_order())
            case "start":
                stop.clear()
                thread = threading.Thread(target=place_until_stopped)
                thread.start()
            case "stop":
                stop.set()
                thread.join()
        print(failed[0] if failed else len(placed), flush=True)
        placed.clear()


if __name__ == "__main__":
    configure(*sys.argv[1:5])
    migrate() if sys.argv[5] == "migrate" else work()
