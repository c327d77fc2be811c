"""Measure previews against their lower bounds: the SDK import and a shell loop of `helm template`."""
