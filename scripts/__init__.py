"""What the tests, the benchmarks and the makefile share: a browser, a running server."""
