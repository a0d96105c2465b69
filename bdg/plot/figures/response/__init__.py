"""Responses as curves: fields, currents, junctions."""
