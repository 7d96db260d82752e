"""Measurements of speed and cost over the lab's real hosts. ``make bench`` runs them all."""
