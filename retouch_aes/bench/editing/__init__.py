"""Benchmarks of edits: recovery, brackets, enhancers, experts."""
