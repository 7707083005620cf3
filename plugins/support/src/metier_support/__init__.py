"""Customer service for metier: policy answers, orders, cancellation, handover."""

from metier_support._plugin import Support

plugin = Support()

__all__ = ["Support", "plugin"]
