"""Reshapes orders by customer into sales by product."""

import json
from pathlib import Path


def reshape_json(path: str, output: str = "by_product.json") -> dict:
    """Turns a document of customers and their orders inside out.

    Args:
        path: The document, in the workspace: {"customers": [{"name", "orders": [{"id", "date", "items": [...]}]}]}.
        output: Where to write the new document, in the workspace.

    Returns:
        For each product its quantity, its revenue in cents, and who bought it when.

    Raises:
        ValueError: If the document is no JSON, or an item lacks something; the message says where.
    """
    try:
        document = json.loads(Path(path).read_text(encoding="utf-8"))
    except json.JSONDecodeError as error:
        raise ValueError(f"{path} is no JSON: {error}") from error

    products: dict = {}
    for place, customer, order, item in _items(document):
        try:
            product = products.setdefault(item["sku"], {"title": item["title"], "quantity": 0, "cents": 0, "sales": []})
            product["quantity"] += item["quantity"]
            product["cents"] += item["quantity"] * item["unit_cents"]
        except (KeyError, TypeError) as error:
            raise ValueError(f"{place}: {error!r} in {item}") from error
        product["sales"].append({"customer": customer, "order": order["id"], "date": order["date"]})
        print(f"{order['date']}  {order['id']:8} {item['quantity']:3} x {item['title']:22} {customer}", flush=True)

    ranked = dict(sorted(products.items(), key=lambda entry: -entry[1]["cents"]))
    Path(output).write_text(json.dumps(ranked, indent=2), encoding="utf-8")
    print(f"{len(ranked)} products written to {output}")
    return ranked


def _items(document: dict):
    """Yields each item with the place it stands at, its customer and its order."""
    for c, customer in enumerate(document.get("customers", [])):
        for o, order in enumerate(customer.get("orders", [])):
            for i, item in enumerate(order.get("items", [])):
                yield f"customers[{c}].orders[{o}].items[{i}]", customer["name"], order, item
