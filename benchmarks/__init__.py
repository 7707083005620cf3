"""What measures; never asserts on time. `python -m benchmarks`, or `make bench`."""
