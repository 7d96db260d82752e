"""The engine's part of the facts, from its API.

``read`` asks for everything; the modules named for what they read turn one answer into facts and
are pure functions, whose only error is :class:`scans.collectors.engine.fields.Unexpected`.
"""
