"""What the benchmarks share: photos, baselines, intervals, tables, processes."""
